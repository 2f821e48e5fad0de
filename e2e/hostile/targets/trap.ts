import { InputError } from '../../../src/errors.ts';
import { Silent, type Target, utf8 } from '../target.ts';

/** For the test of the run itself: a target that commits each kind of fault. Its file names the fault. */
export const trapTarget: Target = {
  name: 'trap',
  share: 0,
  async prepare() {
    return {
      files: { 'do.txt': utf8('typed') },
      mutable: [{ path: 'do.txt', share: 1, json: false, same: false }],
      families: [InputError],
      async attempt(files) {
        const what = new TextDecoder().decode(files['do.txt']);
        if (what === 'typed') throw new InputError('refused');
        if (what === 'untyped') throw new TypeError('a bug');
        if (what === 'silent') throw new Silent('wrong');
        if (what === 'hang') for (;;);
        if (what === 'wait') await new Promise(() => {});
        if (what === 'crash') process.abort();
        if (what === 'memory') for (const held: number[][] = []; ; ) held.push(new Array(1e6).fill(0.5));
        return what;
      },
    };
  },
};
export const traps = ['typed', 'accepted', 'untyped', 'silent', 'hang', 'wait', 'crash', 'memory'] as const;
