/** The real host: each model has a worker of its own, so that one which fails or dies leaves the other alone. */
import { createClient } from '../client/client.ts';
import type { Model } from '../engine/types.ts';
import { FilesSource } from '../source/files.ts';
import type { ModelChoice, ModelHost } from './engine.ts';

export const clientHost: ModelHost = {
  async open(choice, { dtype, hubUrl, onProgress, signal }) {
    const client = createClient({ hub: hubUrl });
    try {
      const model = await client.load(sourceOf(choice), { dtype, onProgress, signal });
      return ownedBy(model, () => client.terminate());
    } catch (error) {
      client.terminate();
      throw error;
    }
  },
};

function sourceOf(choice: ModelChoice): string | FilesSource {
  switch (choice.kind) {
    case 'mini':
      return 'mini';
    case 'hub':
      return choice.id;
    case 'url':
      return choice.address;
    case 'files':
      return new FilesSource(choice.files);
  }
}

/** The model, ending its worker with itself: that also frees what a dead device could not give back. */
function ownedBy(model: Model, end: () => void): Model {
  return {
    fillMask: model.fillMask.bind(model),
    embed: model.embed.bind(model),
    tokenize: model.tokenize.bind(model),
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
