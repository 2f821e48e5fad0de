/** The text of a Word document (.docx). mammoth is fetched when the first one comes. */

/** Its paragraphs, a blank line between them. Errors: mammoth's, for what is no such document. */
export async function docxText(bytes: ArrayBuffer): Promise<string> {
  const { default: mammoth } = await import('mammoth');
  const { value } = await mammoth.extractRawText({ arrayBuffer: bytes });
  return value.normalize('NFC').trim();
}
