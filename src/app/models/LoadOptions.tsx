import { useEffect, useState } from 'react';
import { Input, Label, Radio, RadioGroup, Text, TextField } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { asksForToken } from '../lib/failure.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { explain } from '../lib/reason.ts';
import { changeSettings } from '../store/settings.ts';
import { appState, patch, useAppStore } from '../store/store.ts';
import { Badge } from '../ui/Badge.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import styles from './LoadOptions.module.css';
import radio from './radio.module.css';

export function Precision() {
  const { t } = useText();
  const dtype = useAppStore(state => state.settings.dtype);
  const options = [
    { value: 'auto', name: t.models.auto, body: t.models.autoBody },
    { value: 'q4', name: 'q4', body: t.models.q4Body },
    { value: 'q8', name: 'q8', body: t.models.q8Body },
    { value: 'f16', name: 'f16', body: t.models.f16Body },
    { value: 'f32', name: 'f32', body: t.models.f32Body },
  ] as const;
  const choose = (value: string) => changeSettings({ dtype: options.find(option => option.value === value)?.value ?? 'auto' });
  return (
    <RadioGroup value={dtype} onChange={choose} className={radio.precision}>
      <Label className={ui.label}>{t.models.precision}</Label>
      {options.map(option => (
        <Radio key={option.value} value={option.value} className={radio.smallChoice}>
          <span aria-hidden className={radio.dot} />
          <strong>
            {option.name} {option.value === 'q4' && <Badge>{t.models.recommended}</Badge>}
          </strong>{' '}
          <span className={ui.hint}>{option.body}</span>
        </Radio>
      ))}
      <Text slot="description" className={ui.hint}>
        {t.models.calibratedHint}
      </Text>
    </RadioGroup>
  );
}

export function KeepSwitch() {
  const { t } = useText();
  const keep = useAppStore(state => state.settings.keep);
  return (
    <div>
      <Toggle label={t.models.keep} isOn={keep} onChange={on => changeSettings({ keep: on })} />
      <p className={ui.hint}>{t.models.keepHint}</p>
    </div>
  );
}

/** The token field, where an error leads to it. */
export const tokenFieldId = 'hub-token';

/** Open from the start where something in it is set; it opens by itself when a token may help. The focus stays where the user has it. */
export function Advanced() {
  const { t, language } = useText();
  const hubUrl = useAppStore(state => state.settings.hubUrl);
  const { token, revision } = useAppStore(state => state.hub);
  const loadError = useAppStore(state => state.model.loadError);
  const needed = loadError !== null && asksForToken(loadError);
  const [open, setOpen] = useState(
    () => appState().settings.hubUrl !== '' || appState().hub.token !== '' || appState().hub.revision !== '',
  );
  useEffect(() => {
    if (needed) setOpen(true);
  }, [needed]);
  return (
    <details className={styles.hub} open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary className={styles.hubTitle}>{t.models.advanced}</summary>
      <div className={styles.hubFields}>
        <TextField
          type="password"
          value={token}
          onChange={value => patch('hub', { token: value.trim() })}
          isInvalid={needed}
          className={ui.field}
        >
          <Label className={ui.label}>{t.models.token}</Label>
          {/* Not a password to remember: browsers must not offer to keep it. */}
          <Input id={tokenFieldId} spellCheck={false} autoComplete="off" placeholder="hf_…" className={ui.input} />
          <Text slot="description" className={ui.hint}>
            {needed && <strong className={styles.needed}>{explain(t, language, loadError, token !== '').title}. </strong>}
            {t.models.tokenHint}
          </Text>
        </TextField>
        <TextField value={revision} onChange={value => patch('hub', { revision: value })} className={ui.field}>
          <Label className={ui.label}>{t.models.revision}</Label>
          <Input spellCheck={false} autoComplete="off" placeholder="main" className={ui.input} />
          <Text slot="description" className={ui.hint}>
            {t.models.revisionHint}
          </Text>
        </TextField>
        <TextField value={hubUrl} onChange={value => changeSettings({ hubUrl: value.trim() })} className={ui.field}>
          <Label className={ui.label}>{t.models.hub}</Label>
          <Input spellCheck={false} autoComplete="off" inputMode="url" placeholder={PUBLIC_HUB} className={ui.input} />
          <Text slot="description" className={ui.hint}>
            {t.models.hubHint}
          </Text>
        </TextField>
      </div>
    </details>
  );
}
