/** The one store. Slices hold state only; actions are plain functions in the files beside this one. */
import { create } from 'zustand';
import { type AppState, initialState } from './state.ts';

export const useAppStore = create<AppState>()(initialState);

export const appState = (): AppState => useAppStore.getState();

/** Changes some keys of one slice. */
export function patch<K extends keyof AppState>(slice: K, part: Partial<AppState[K]>): void {
  useAppStore.setState(state => ({ [slice]: { ...state[slice], ...part } }) as Pick<AppState, K>);
}
