import { expect, test } from 'vitest';
import { tableOf, textLines } from './pasted.ts';

test('lines end in any way; blank ones are none', () => {
  expect(textLines('un\r\n\r\n deux \rtrois\nquatre\n')).toEqual(['un', 'deux', 'trois', 'quatre']);
});

test('tables are told from sentences', () => {
  expect(tableOf(['id;texte;date', '1;Toux fébrile, crépitants.;2026-01-02', '2;"Douleur ; vive";2026-01-03'])).toEqual({
    delimiter: ';',
    columns: 3,
    header: ['id', 'texte', 'date'],
  });
  expect(tableOf(['patient,motif', '12,Douleur thoracique à l’effort depuis deux jours'])).toMatchObject({ delimiter: ',', columns: 2 });
  expect(tableOf(['1\tToux', '2\tFièvre'])).toEqual({ delimiter: '\t', columns: 2, header: null });
  // Each sentence with one comma is no table.
  expect(tableOf(['Toux fébrile, crépitants.', 'Douleur vive, irradiant au bras.', 'Chute, puis fracture.'])).toBeNull();
  expect(tableOf(['Compte rendu', 'Motif : toux ; fièvre.', 'Le patient va bien.'])).toBeNull();
  expect(tableOf(['Une ligne; seule'])).toBeNull();
});
