/** What the view of long texts holds. */
import { noRequest, type RequestState } from '../store/request-state.ts';

export interface ReadSlice extends RequestState {
  text: string;
}

export const initialRead: ReadSlice = { text: '', ...noRequest };
