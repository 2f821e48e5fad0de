import { expect, test } from 'vitest';
import { columnOf, tableLines, tableOf, textLines } from './pasted.ts';

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

test('a quoted cell keeps its line breaks, and a column gives its cells', () => {
  const lines = tableLines(textLines('id,texte\n1,"Motif : toux,\nfièvre"\n2,\n3,"dit ""aïe"" au toucher"'));
  expect(lines).toHaveLength(4);
  const table = tableOf(lines);
  expect(table).toMatchObject({ delimiter: ',', header: ['id', 'texte'] });
  expect(table && columnOf(lines, table, 1)).toEqual(['Motif : toux,\nfièvre', 'dit "aïe" au toucher']);
  // A quote that never closes joins nothing.
  expect(tableLines(['un "deux', 'trois'])).toEqual(['un "deux', 'trois']);
});
