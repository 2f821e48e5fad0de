/** Asks the browser not to clear what is kept. Some ask the user, some decide by themselves, some cannot. */
export async function askToPersist(): Promise<boolean> {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    // Refused or unknown here: the models stay as long as the browser has room.
    return false;
  }
}
