import { Component, type ReactNode } from 'react';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { toFailure } from '../lib/failure.ts';
import { appState } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';

/** Shown after a fault of the page itself, so that there is never a white screen. Trying again keeps the text, which is in the store. */
export class Crash extends Component<{ children: ReactNode }, { message: string | null }> {
  override state: { message: string | null } = { message: null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: toFailure(error).message };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    const t = dictionaryOf(appState().settings.language);
    return (
      <main className={classes(ui.notice, ui.bad)}>
        <h1>{t.crash.title}</h1>
        <p lang="en">{this.state.message}</p>
        <div className={ui.noticeActions}>
          <button type="button" className={classes(ui.button, ui.primary)} onClick={() => this.setState({ message: null })}>
            {t.errors.retry}
          </button>
          <button type="button" className={ui.button} onClick={() => location.reload()}>
            {t.crash.reload}
          </button>
        </div>
      </main>
    );
  }
}
