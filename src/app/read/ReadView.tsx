/** Under construction. */
export function ReadView() {
  return null;
}
