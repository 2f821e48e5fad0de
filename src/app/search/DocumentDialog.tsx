import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import ui from '../ui/ui.module.css';
import styles from './DocumentDialog.module.css';
import { openPassage } from './documents.ts';
import { findPassage, passageCount, passagesOfPart, placeOf } from './passages.ts';
import { placeName } from './results-csv.ts';
import type { Doc } from './state.ts';

/** Passages shown before and after the one that was opened. */
const AROUND = 100;

/** A document with its passages: where each begins, and the one that was found. */
export function DocumentDialog() {
  const opened = useAppStore(state => state.search.opened);
  const documents = useAppStore(state => state.search.documents);
  const doc = opened && findPassage(documents, opened);
  const close = () => openPassage(null);
  return (
    <ModalOverlay isOpen={doc !== null} onOpenChange={open => !open && close()} isDismissable className={dialog.overlay}>
      <Modal className={classes(ui.sheet, dialog.modal, styles.modal)}>
        <Dialog>
          {doc && opened && (
            <Shown key={`${opened.doc}/${opened.passage}`} doc={doc} passage={opened.passage} isHit={opened.isHit} onClose={close} />
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Shown({ doc, passage, isHit, onClose }: { doc: Doc; passage: number; isHit: boolean; onClose: () => void }) {
  const { t, language } = useText();
  const { part } = placeOf(doc, passage);
  const [first, last] = passagesOfPart(doc, part) ?? [passage, passage];
  const [around, setAround] = useState({ before: AROUND, after: AROUND });
  const marked = useRef<HTMLElement>(null);
  useEffect(() => {
    marked.current?.scrollIntoView?.({ block: 'center' });
  }, []);
  const from = Math.max(first, passage - around.before);
  const to = Math.min(last, passage + around.after);
  const text = doc.parts[part]?.text ?? '';
  const place = placeName(t, language, doc, part);
  const number = (value: number) => formatNumber(value, language);
  return (
    <>
      <Heading slot="title" level={2}>
        {doc.name}
      </Heading>
      <p className={ui.hint}>
        {[place, isHit && t.search.passageOf(number(passage + 1), number(passageCount(doc))), t.search.boundaries]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard. */}
      <section lang="fr" aria-label={doc.name} tabIndex={0} className={styles.text}>
        {from > first && <Button onPress={() => setAround({ ...around, before: around.before + AROUND })}>{t.search.before}</Button>}
        {Array.from({ length: to - from + 1 }, (_, i) => from + i).map(each => {
          const { start, end } = placeOf(doc, each);
          const gapFrom = each === first ? 0 : placeOf(doc, each - 1).end;
          const Tag = isHit && each === passage ? 'mark' : 'span';
          return (
            <span key={each}>
              {each > from || from === first ? text.slice(gapFrom, start) : null}
              <Tag ref={each === passage ? marked : undefined} className={styles.passage}>
                <sup className={styles.number}>{number(each + 1)}</sup>
                {text.slice(start, end)}
              </Tag>
            </span>
          );
        })}
        {to === last ? text.slice(placeOf(doc, last).end) : null}
        {to < last && <Button onPress={() => setAround({ ...around, after: around.after + AROUND })}>{t.search.after}</Button>}
      </section>
      <div className={dialog.modalFoot}>
        {doc.parts.length > 1 ? <Parts doc={doc} first={first} last={last} /> : <span />}
        <Button icon={X} onPress={onClose}>
          {t.search.close}
        </Button>
      </div>
    </>
  );
}

/** To the page or row before and after. */
function Parts({ doc, first, last }: { doc: Doc; first: number; last: number }) {
  const { t } = useText();
  const go = (passage: number) => openPassage({ doc: doc.id, passage, isHit: false });
  return (
    <div className={styles.parts}>
      <Button icon={ChevronLeft} isDisabled={first === 0} onPress={() => go(first - 1)}>
        {t.search.before}
      </Button>
      <Button icon={ChevronRight} isDisabled={last === passageCount(doc) - 1} onPress={() => go(last + 1)}>
        {t.search.after}
      </Button>
    </div>
  );
}
