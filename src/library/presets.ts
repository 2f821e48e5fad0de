/** Models that are offered by name. Any other ModernBERT can be pulled by its id. */
import type { Preset } from './types.ts';

/** The four models of the card and the general French model that they were trained from. Parameters are counted from the shapes, as the cards round. */
export const presets: readonly Preset[] = [
  { id: 'almanach/ModernCamemBERT-bio-large', language: 'fr', size: 'large', parameters: 378, licence: 'apache-2.0' },
  { id: 'almanach/ModernCamemBERT-bio-base', language: 'fr', size: 'base', parameters: 136, licence: 'apache-2.0' },
  { id: 'almanach/ModernBERT-bio-large', language: 'en', size: 'large', parameters: 396, licence: 'apache-2.0' },
  { id: 'almanach/ModernBERT-bio-base', language: 'en', size: 'base', parameters: 150, licence: 'apache-2.0' },
  { id: 'almanach/moderncamembert-base', language: 'fr', size: 'base', parameters: 136, licence: 'mit' },
];
