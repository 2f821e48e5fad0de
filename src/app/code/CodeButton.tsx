import { Code } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { Button } from '../ui/Button.tsx';
import styles from './Code.module.css';
import type { CodeRoute } from './screen.ts';

const CodeDialog = lazy(() => import('./CodeDialog.tsx'));

/** At the foot of a view: the screen as code. */
export function CodeButton({ route }: { route: CodeRoute }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={styles.foot}>
      <Button look="quiet" icon={Code} onPress={() => setOpen(true)} aria-haspopup="dialog">
        {t.code.open}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <CodeDialog route={route} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
