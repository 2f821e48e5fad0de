/** Under construction. */
export function SearchView() {
  return null;
}
