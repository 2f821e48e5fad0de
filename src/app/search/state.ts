/** What the view of search holds. */
import { noRequest, type RequestState } from '../store/request-state.ts';

export interface SearchSlice extends RequestState {
  text: string;
}

export const initialSearch: SearchSlice = { text: '', ...noRequest };
