/**
 * The real host. Each model has a worker of its own, so that a crash does not touch the other model. The library has a worker that
 * stays, and each check of the device has one that ends with it.
 */
import { type Client, createClient } from '../../client/client.ts';
import { FilesSource } from '../../source/files.ts';
import type { Model } from '../../types.ts';
import type { Connection, ModelChoice, ModelHost, PageLibrary } from '../lib/engine.ts';
import { isAbort } from '../lib/failure.ts';
import { pageWorker } from './page-worker.ts';

export const clientHost: ModelHost = {
  async open(choice, { dtype, hubUrl, token, keep, onProgress, signal }) {
    const client = createClient({ worker: pageWorker, hub: hubUrl, token, keep });
    try {
      const model = await client.load(sourceOf(choice), { dtype, onProgress, signal });
      return ownedBy(model, () => client.terminate());
    } catch (error) {
      // A paused download still has to record how far it came.
      if (isAbort(error) || signal.aborted) await client.quiet();
      client.terminate();
      throw error;
    }
  },
  library: libraryFor,
  verify: options => withOwnWorker(client => client.verify(options)),
  verifyTraining: options => withOwnWorker(client => client.verifyTraining(options)),
};

/** What ends takes its worker with it, and an aborted call what still runs there. */
async function withOwnWorker<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient({ worker: pageWorker });
  try {
    return await use(client);
  } finally {
    client.terminate();
  }
}

function sourceOf(choice: ModelChoice): string | FilesSource {
  switch (choice.kind) {
    case 'mini':
      return 'mini';
    case 'hub':
      return choice.revision ? `${choice.id}@${choice.revision}` : choice.id;
    case 'url':
      return choice.address;
    case 'files':
      return new FilesSource(choice.files);
    case 'kept':
      return choice.key;
  }
}

let lasting: { id: string; library: PageLibrary; retire: () => void } | null = null;

/** One client for the library as long as the connection stays the same. One of an earlier connection ends once nothing waits for it. */
function libraryFor({ hubUrl, token }: Connection): PageLibrary {
  const id = JSON.stringify([hubUrl, token]);
  if (lasting?.id !== id) {
    lasting?.retire();
    lasting = { id, ...countedLibrary(createClient({ worker: pageWorker, hub: hubUrl, token })) };
  }
  return lasting.library;
}

/** The client's library, and how to end its worker once its calls have ended. */
function countedLibrary(client: Client): { library: PageLibrary; retire: () => void } {
  const { library } = client;
  let waiting = 0;
  let retired = false;
  const endIfIdle = async () => {
    if (waiting > 0 || !retired) return;
    await client.quiet();
    client.terminate();
  };
  const counted = async <T>(call: Promise<T>): Promise<T> => {
    waiting++;
    try {
      return await call;
    } finally {
      waiting--;
      void endIfIdle();
    }
  };
  return {
    library: {
      list: () => counted(library.list()),
      space: () => counted(library.space()),
      pull: (name, options) => counted(library.pull(name, options)),
      check: (key, options) => counted(library.check(key, options)),
      remove: key => counted(library.remove(key)),
      importModel: (files, options) => counted(library.importModel(files, options)),
      calibrate: (key, texts, options) => counted(library.calibrate(key, texts, options)),
      exportModel: (key, folder, options) => counted(library.exportModel(key, folder, options)),
    },
    retire() {
      retired = true;
      void endIfIdle();
    },
  };
}

/** The model, ending its worker with itself: that also frees what a dead device could not give back. */
function ownedBy(model: Model, end: () => void): Model {
  return {
    fillMask: model.fillMask.bind(model),
    predict: model.predict.bind(model),
    fillJointly: model.fillJointly.bind(model),
    distribution: model.distribution.bind(model),
    vocabulary: model.vocabulary.bind(model),
    surprisal: model.surprisal.bind(model),
    index: model.index.bind(model),
    embed: model.embed.bind(model),
    tokenize: model.tokenize.bind(model),
    estimate: model.estimate.bind(model),
    report: model.report.bind(model),
    dispose: async () => {
      try {
        await model.dispose();
      } finally {
        end();
      }
    },
  };
}
