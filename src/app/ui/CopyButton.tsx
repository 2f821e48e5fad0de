import { Check, Copy, type LucideIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { copyText } from '../lib/save.ts';
import { announce } from '../store/ui.ts';
import { Button } from './Button.tsx';

interface CopyButtonProps {
  label: string;
  /** Makes the text to copy; called only when the button is pressed. */
  text: () => string;
  icon?: LucideIcon;
  look?: 'plain' | 'quiet';
}

/** Copies, and shows by its icon whether that worked; the status line says it to screen readers. */
export function CopyButton({ label, text, icon = Copy, look = 'quiet' }: CopyButtonProps) {
  const { t } = useText();
  const [answer, setAnswer] = useState<string | null>(null);
  useEffect(() => {
    if (answer === null) return;
    const timer = setTimeout(() => setAnswer(null), 2000);
    return () => clearTimeout(timer);
  }, [answer]);
  const copy = async () => {
    const said = (await copyText(text())) ? t.status.copied : t.status.notCopied;
    setAnswer(said);
    announce(said);
  };
  return (
    <Button look={look} icon={answer === t.status.copied ? Check : icon} onPress={() => void copy()}>
      {answer === t.status.notCopied ? answer : label}
    </Button>
  );
}
