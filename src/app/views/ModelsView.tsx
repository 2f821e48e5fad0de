import { Download, X } from 'lucide-react';
import { useState } from 'react';
import { Input, Label, Radio, RadioGroup, Text, TextField } from 'react-aria-components';
import { choiceOf, type ModelChoice, nameOf } from '../engine.ts';
import { useText } from '../i18n/use-text.ts';
import { mayFetch, pagePolicy } from '../lib/policy.ts';
import { dismissLoadError, loadModel } from '../store/model.ts';
import { changeSettings } from '../store/settings.ts';
import { appState, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { LoadProgress } from './LoadProgress.tsx';
import { LocalFiles, missingFiles } from './LocalFiles.tsx';
import styles from './PanelView.module.css';

const PUBLIC_HUB = 'https://huggingface.co';

const hubModels = [
  { id: 'almanach/ModernCamemBERT-bio-large', text: 'bioLarge' },
  { id: 'almanach/ModernCamemBERT-bio-base', text: 'bioBase' },
  { id: 'almanach/moderncamembert-base', text: 'base' },
] as const;

/** Which radio stands for a choice that was made before. */
function radioOf(choice: ModelChoice | null): string {
  if (!choice || choice.kind === 'mini') return 'mini';
  if (choice.kind === 'files') return 'files';
  return hubModels.some(model => model.id === nameOf(choice)) ? nameOf(choice) : 'other';
}

/** Choose, load and replace the model. */
export function ModelsView() {
  const { t } = useText();
  const { choice, current, loading, loadError } = useAppStore(state => state.model);
  const [picked, setPicked] = useState(() => radioOf(choice));
  const [address, setAddress] = useState(() => (radioOf(choice) === 'other' && choice ? nameOf(choice) : ''));
  const [files, setFiles] = useState<readonly File[]>([]);
  const hubUrl = useAppStore(state => state.settings.hubUrl);

  const wanted = ((): ModelChoice | null => {
    if (picked === 'mini') return { kind: 'mini' };
    if (picked === 'other') return choiceOf(address);
    if (picked === 'files') return missingFiles(files).length === 0 ? { kind: 'files', files } : null;
    return { kind: 'hub', id: picked };
  })();
  const from = wanted?.kind === 'hub' ? hubUrl || PUBLIC_HUB : wanted?.kind === 'url' ? wanted.address : null;
  const blocked = from !== null && !mayFetch(from, pagePolicy(), location.origin);
  const inUse = radioOf(choice);

  return (
    <div className={styles.models}>
      <RadioGroup aria-label={t.models.choose} value={picked} onChange={setPicked} className={styles.choices}>
        <ModelRadio value="mini" name={t.models.mini} body={t.models.miniBody} inUse={current !== null && inUse === 'mini'} />
        {hubModels.map(({ id, text }) => (
          <ModelRadio key={id} value={id} name={id} body={t.models[text]} inUse={current !== null && inUse === id} />
        ))}
        <ModelRadio value="other" name={t.models.other} body={t.models.otherBody} inUse={current !== null && inUse === 'other'} />
        {picked === 'other' && (
          <TextField value={address} onChange={setAddress} className={classes(ui.field, styles.nested)}>
            <Label className={ui.label}>{t.models.address}</Label>
            <Input spellCheck={false} autoComplete="off" inputMode="url" placeholder={t.models.addressPlaceholder} className={ui.input} />
          </TextField>
        )}
        <ModelRadio value="files" name={t.models.local} body={t.models.localBody} inUse={current !== null && inUse === 'files'} />
        {picked === 'files' && <LocalFiles files={files} onChange={setFiles} />}
      </RadioGroup>

      <div className={styles.side}>
        <Precision />
        <Hub />
        {blocked && <p className={classes(ui.notice, ui.warn)}>{t.models.blocked(URL.canParse(from) ? new URL(from).origin : from)}</p>}
        <div className={styles.loadRow}>
          <Button
            look="primary"
            icon={Download}
            isDisabled={wanted === null || blocked || loading !== null}
            onPress={() => {
              if (wanted) void loadModel(wanted);
            }}
          >
            {t.models.load}
          </Button>
          {current && !loading && <span className={ui.hint}>{t.models.replaced}</span>}
        </div>
        {loading && <LoadProgress loading={loading} />}
        {loadError && (
          <FailureBox failure={loadError}>
            {current && <p>{t.models.kept}</p>}
            <Button look="quiet" icon={X} onPress={dismissLoadError}>
              {t.models.dismiss}
            </Button>
          </FailureBox>
        )}
      </div>
    </div>
  );
}

function ModelRadio({ value, name, body, inUse }: { value: string; name: string; body: string; inUse: boolean }) {
  const { t } = useText();
  return (
    <Radio value={value} className={classes(ui.sheet, styles.choice)}>
      <span aria-hidden className={styles.dot} />
      <span className={styles.choiceText}>
        <span className={styles.choiceName}>
          {name} {inUse && <small className={styles.badge}>{t.models.current}</small>}
        </span>
        <span className={ui.hint}>{body}</span>
      </span>
    </Radio>
  );
}

function Precision() {
  const { t } = useText();
  const dtype = useAppStore(state => state.settings.dtype);
  const options = [
    { value: 'auto', name: t.models.auto, body: t.models.autoBody },
    { value: 'f32', name: 'f32', body: t.models.f32Body },
    { value: 'f16', name: 'f16', body: t.models.f16Body },
    { value: 'q8', name: 'q8', body: t.models.q8Body },
    { value: 'q4', name: 'q4', body: t.models.q4Body },
  ] as const;
  const choose = (value: string) => changeSettings({ dtype: options.find(option => option.value === value)?.value ?? 'auto' });
  return (
    <RadioGroup value={dtype} onChange={choose} className={styles.precision}>
      <Label className={ui.label}>{t.models.precision}</Label>
      {options.map(option => (
        <Radio key={option.value} value={option.value} className={styles.smallChoice}>
          <span aria-hidden className={styles.dot} />
          <strong>{option.name}</strong>
          <span className={ui.hint}>{option.body}</span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

/** Open from the start where a mirror is set. */
function Hub() {
  const { t } = useText();
  const hubUrl = useAppStore(state => state.settings.hubUrl);
  const [wasSet] = useState(() => appState().settings.hubUrl !== '');
  return (
    <details className={styles.hub} open={wasSet}>
      <summary className={styles.hubTitle}>{t.models.advanced}</summary>
      <TextField value={hubUrl} onChange={value => changeSettings({ hubUrl: value.trim() })} className={ui.field}>
        <Label className={ui.label}>{t.models.hub}</Label>
        <Input spellCheck={false} autoComplete="off" inputMode="url" placeholder={PUBLIC_HUB} className={ui.input} />
        <Text slot="description" className={ui.hint}>
          {t.models.hubHint}
        </Text>
      </TextField>
    </details>
  );
}
