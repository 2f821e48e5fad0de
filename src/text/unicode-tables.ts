/**
 * Sets of code points as tokenizers 0.23.2 has them. Its parts carry tables of different Unicode versions, and an
 * engine's \p{…} follows the engine's own. Made by `python oracle/tokenizer_cases.py --tables`; do not edit.
 * Base 36 pairs: distance from the end of the range before, then length - 1.
 */

/** Not assigned in its Oniguruma (Unicode 16). */
export const unassigned =
  'oo 1 6 3 7 0 1 0 k 0 b1 0 12 1 1e 1 3 0 1j 7 r 3 6 a 7i 0 1o 1 2t d 1n 1 1d 1 f 0 s 1 1 0 b 4 v 0 2 4 6l 0 8 1 2 1 m 0 7 0 1 2 4 1 ' +
  '9 1 2 1 4 7 1 3 2 0 5 1 p 1 3 0 6 3 2 1 m 0 7 0 2 0 2 0 2 1 1 0 5 3 2 1 3 2 1 6 4 0 1 6 h 9 3 0 9 0 3 0 m 0 7 0 2 0 5 1 a 0 3 0 3 ' +
  '1 1 e 4 1 c 6 7 0 3 0 8 1 2 1 m 0 7 0 2 0 5 1 9 1 2 1 3 6 3 3 2 0 5 1 i 9 2 0 6 2 3 0 4 2 2 0 1 0 2 2 2 2 3 2 c 3 5 2 3 0 4 1 1 5 ' +
  '1 d l 4 d 0 3 0 n 0 g 1 9 0 3 0 4 6 2 0 3 1 1 1 4 1 a 6 m 0 3 0 n 0 a 0 5 1 9 0 3 0 4 6 2 5 2 0 4 1 a 0 3 b d 0 3 0 1f 0 3 0 6 3 g ' +
  '1 q 0 3 0 i 2 o 0 9 0 1 1 7 2 1 3 6 0 1 0 8 5 a 1 3 b 1m 3 t 10 2 0 1 0 5 0 o 0 1 0 n 1 5 0 1 0 7 0 a 1 4 v 20 0 10 3 13 0 10 0 f ' +
  '0 d 10 5i 0 1 4 1 1 ah 0 4 1 7 0 1 0 4 1 15 0 4 1 x 0 4 1 7 0 1 0 4 1 f 0 1l 0 4 1 1v 1 w 2 q 5 2e 1 6 1 il 2 2h 6 m 8 o 8 k b d 0 ' +
  '3 0 2 b 2m 1 a 5 a 5 q 5 2h 6 17 4 1y 9 v 0 c 3 c 3 1 2 16 1 5 a 18 3 q 5 b 2 1q 1 1t 0 t 1 b 5 a 5 e 1 v 1c 25 0 4m 7 1o 2 f 2 1q ' +
  '4 17 1 b 7 17 4 eu 1 6 1 12 1 6 1 8 0 1 0 1 0 1 0 v 1 1h 0 f 0 e 1 6 0 j 1 3 0 9 0 2t 0 c 1 r 0 d 2 x e x e 3w 3 ii l b k 1ec 1 w ' +
  '0 9p 4 19 0 1 4 1 1 1k 6 2 d o 8 7 0 7 0 7 0 7 0 7 0 7 0 7 0 7 0 3i x q 0 2h b 5y p 28 0 2e 1 2v 4 17 0 2m 0 2e 8 1c 0 mlp 2 1j 8 ' +
  '9o j 54 7 5q 1 2 0 1 0 8 k 1n 2 a 5 1k 7 1y 7 c 5 38 a u 2 26 0 b 3 x 0 1j 8 e 1 a 1 2v n s 9 6 1 6 1 6 8 7 0 7 0 1o 3 3i 1 a 5 ' +
  '8mc b n 3 1d 3 6su 1 2y 11 7 b 5 4 q 0 5 0 1 0 2 0 2 0 3h f cd 1 1i 6 1 v 16 5 1f 0 j 0 4 3 5 0 3r 1 1 0 5a 2 6 1 6 1 6 1 3 2 7 0 ' +
  '7 9 5 1 c 0 q 0 j 0 2 0 f 1 e x 3f 4 3 3 19 2 2g 0 d 2 1 1a 1a 3l t 2 1d e s 3 10 8 u 4 17 4 u 0 11 3 e 15 4e 1 a 5 10 3 10 3 14 7 ' +
  '1g a c 0 f 0 7 0 2 0 b 0 f 0 7 0 2 2 1g b 8n 8 m 9 8 n 6 0 16 0 9 1w 6 1 1 0 18 0 2 2 1 1 n 0 20 7 9 1b j 0 2 4 x 2 r 4 1 1r 1k 3 ' +
  'k 1 1e 0 2 4 8 0 3 0 t 1 3 3 a 6 9 6 1s v 13 3 c 8 1i 2 t 1 r 4 q 6 4 b 7 27 21 1i 1f c 1f 6 1a 7 a 5 12 2 t 7 2 5r v 0 16 0 3 1 2 ' +
  'f 3 1i 18 7 16 l q 11 s j n 8 26 3 10 8 1w 9 1 1 p 6 a 5 1h 0 i 7 13 8 2o 0 k a i 0 1b 1p 7 0 1 0 4 0 f 0 b 5 1n 4 a 5 4 0 8 1 2 1 ' +
  'm 0 7 0 2 0 5 0 a 1 2 1 3 1 1 5 1 4 7 1 7 2 5 a a 0 1 1 1 0 12 0 a 0 1 1 1 0 4 0 a 0 2 7 2 s 2k 0 5 t 20 7 a 4l 1i 1 12 x 1x a a 5 ' +
  'd i 1m 5 a 5 k r r 1 f 3 n 54 1o 2r 2b b 8 1 1 1 8 0 2 0 u 0 2 1 c 8 a 1x 8 1 1a 1 b q 20 7 2b c 21 6 a 51 y d a 5 9 0 19 0 e 9 t ' +
  '2 w 1 m 0 e 20 7 0 2 0 18 2 1 0 2 0 9 7 a 5 6 0 2 0 11 0 2 0 6 6 a 8l p 6 h 0 15 2 t 2c 1 e 1e c pn 2t 33 0 5 a 5g 217 2r c uu 9 ' +
  '32z 4 g7 5a0 1m 1c5 ft 6 v 0 a 3 29 0 a 5 u 1 6 9 1y 9 a 0 7 0 l 4 j bz 1m 5h 2j 2s 23 3 1l 6 h 1r 5 a 2 d 4qg 7 ye 14 a 6w6 4 0 7 ' +
  '0 2 0 83 e 1 s 3 1 1 d 4 7 b0 1s3 2z 4 d 2 9 6 a 1 8 317 6y 5 c4 23 1a 1 n 8 38 1n 6u 9 13 1 5e k 1y 3d k b k b 2f 8 p 3q 2d 0 1z ' +
  '0 2 1 1 1 2 1 4 0 c 0 1 0 7 0 1t 0 4 1 8 0 7 0 s 0 4 0 5 0 1 2 7 0 9g 1 84 1 ji e 5 0 f un v 5 6 5w 7 0 h 1 7 0 2 0 5 4 1q w 1 33 ' +
  '19 2 e 1 a 3 2 8v v g 1m 4 1 cv 16 5x 17 3 1 db 7 0 4 0 2 0 f 0 5h 1 g 14 24 3 a 3 2 ls 1w 23 1p 5d 4 0 r 0 2 0 1 1 1 0 a 0 4 0 1 ' +
  '0 1 5 1 3 1 0 1 0 1 0 3 0 2 0 1 1 1 0 1 0 1 0 1 0 1 0 2 0 1 1 4 0 7 0 4 0 4 0 1 0 a 0 h 4 3 0 5 0 h 1f 2 7h 18 3 2s b f 1 f 0 f 0 ' +
  '11 9 4u 1j t c 18 3 9 6 2 d 6 49 rc 3 h 2 d 2 3b 3 2n 5 c 3 1 e c 3 1k 7 a 5 14 7 u 1 c 3 2 1p 9g b e 1 d 2 a 4 1k 6 f 1 b 5 9 6 ' +
  '43 0 2u sl wyo v 37e 5 66 1 4g2 d 5rl e ha 1wh f2 15t 3t7 4 38g f974 1 t 2o 3j 6o 1e6n 1eke 1 1eke 1';

/** Removed by StripAccents. */
export const combiningMarks =
  'lc 33 7n 6 7b 18 1 0 1 1 1 1 1 0 20 a 1c k g 0 2t 6 2 5 2 1 1 3 z 0 u q 2j a 1m 8 y 3 1 8 1 2 1 4 17 2 3c d 1 w 1i 2 1 h 1 6 a 1 t ' +
  '2 1k 0 1 6 2 1 2 2 9 0 a 1 t 2 1k 0 1 4 4 1 2 2 3 0 u 1 3 0 b 2 1k 0 1 7 1 2 1 2 k 1 t 2 1k 0 1 6 2 1 2 2 8 1 a 1 u 0 1n 4 3 2 1 3 ' +
  '9 0 14 3 1m 6 1 2 1 3 7 1 b 1 t 2 1k 0 1 6 1 2 1 3 7 1 b 1 t 2 1m 6 1 2 1 3 9 0 a 1 u 1 1y 0 4 5 1 0 1 7 i 1 1p 0 2 6 c 7 2q 0 2 5 ' +
  '1 1 b 5 22 1 r 0 1 0 1 0 4 1 1d j 1 1 5 a 1 z 9 0 2s j n 3 4 2 1 2 2 6 3 3 d b 1 0 a 3 jj 2 qa 2 t 2 t 1 u 1 1s v 9 0 19 2 3b 1 y ' +
  '0 3a b 4 b 63 4 1l 9 1 s 2 0 1c e 1t 4 1b g 12 8 c 2 u c 1k d 1c j 48 2 1 k 4 0 4 2 3 1 5i 1h 5 4 k0 w 2da 2 3x 0 2o v fe 5 2x 1 ' +
  'n9w 3 1 9 w 1 28 1 7k 0 3 0 4 0 n 4 2g 1 1e h q h 1g 7 p c 18 3 1b d 10 0 1v d c 0 8 1 19 2 1e 0 1 2 2 1 5 1 1 0 15 4 5 1 6k 7 1 1 ' +
  'fn4 0 kh f g f r1 0 6a 0 45 4 1ae 2 1 1 5 3 14 2 4 0 4l 1 109 2 1h e 1k 3 19 a 1x 2 10 d 1q 0 c 2 1c d 9 2 2n b 6 0 4g b l 3 1k 0 ' +
  '1 6 2 1 2 2 9 0 a 1 2 6 3 4 5c h 2x j 6j 6 2 8 r 1 2a g 2y c 2t e zn 7 1 7 2a l 1 d fg9 4 1n 6 t6 19 g 3 f7u 1 43q 4 3 5 8 7 2 6 u ' +
  '3 44 2 1iz 1i 4 1d 8 0 e 0 m 4 1 e 11s 6 1 g 2 6 1 1 1 4 1ph 6 31 6 gzhx 6n';

/** Removed by BertNormalizer's strip_accents. */
export const nonspacingMarks =
  'lc 33 7n 4 7d 18 1 0 1 1 1 1 1 0 20 a 1c k g 0 2t 6 2 5 2 1 1 3 z 0 u q 2j a 1m 8 y 3 1 8 1 2 1 4 17 2 3r v 1j 0 1 0 4 7 4 0 3 6 a ' +
  '1 t 0 1m 0 4 3 8 0 k 1 t 1 1l 0 4 1 4 1 2 2 3 0 u 1 3 0 b 1 1l 0 4 4 1 1 4 0 k 1 t 0 1m 0 2 0 1 3 8 0 8 0 b 1 u 0 1p 0 c 0 1e 0 1p ' +
  '2 5 2 1 3 7 1 b 1 t 0 1m 0 2 0 6 0 5 1 k 1 t 0 1r 3 8 0 k 1 2u 0 7 2 1 0 2i 0 2 6 c 7 2q 0 2 5 1 1 b 5 22 1 r 0 1 0 1 0 1j d 1 4 1 ' +
  '1 5 a 1 z 9 0 2u 3 1 5 1 1 2 1 p 1 4 2 g 3 d 0 2 1 6 0 f 0 jj 2 qa 2 t 2 t 1 u 1 1s 1 1 6 8 0 2 a 9 0 19 2 4b 0 3a 2 4 1 9 0 6 2 ' +
  '63 1 2 0 1m 0 1 6 1 0 1 0 2 7 6 9 2 0 1c d 1u 3 1c 0 1 4 1 0 5 0 14 8 c 1 w 3 2 1 1 2 1k 0 1 1 3 0 1 2 1m 7 2 1 48 2 1 c 1 6 4 0 6 ' +
  '0 3 1 5i 1h 6 3 k0 c 4 0 3 b 2da 2 3x 0 2o v fe 3 2z 1 n9w 0 4 9 w 1 28 1 7k 0 3 0 4 0 p 1 4d 0 r h 1g 7 p a 1a 2 1c 0 2 3 2 0 14 ' +
  '0 1v 5 2 1 2 1 c 0 8 0 1b 0 1f 0 1 2 2 1 5 1 1 0 16 1 8 0 6m 0 2 0 4 0 fn4 0 kh f g f r1 0 6a 0 45 4 1ae 2 1 1 5 3 14 2 4 0 4l 1 ' +
  '10a 0 1i e 1k 2 1d 3 2 1 1x 2 10 4 1 7 1q 0 c 1 1g 8 b 2 2q 2 2 0 1 1 4n 0 3 7 l 1 1m 0 3 0 11 6 3 4 8u 5 1 0 4 1 1 1 6m 3 6 1 1 1 ' +
  'r 1 2d 7 2 0 1 1 2y 0 1 0 2 5 1 0 2t 2 2 3 1 4 gjo 4 1n 6 uw 3 f7u 1 43s 2 h 7 2 6 u 3 44 2 1iz 1i 4 1d 8 0 e 0 m 4 1 e 2sg 6 gzl5 ' +
  '6n';

/** Removed by BertNormalizer's clean_text. */
export const bertControls =
  '0 8 2 1 1 h 2n w d 0 11u 5 m 0 5c 0 1d 0 3cu 0 1ks 4 q 4 1d 4 1 9 11u8 4xr 16n 0 6x 2 1 0 3b3 0 xya 3 43z 7 h406 0 u 2n 1egw 1ekd ' +
  '2 1ekd';

/** Made a space by BertNormalizer's clean_text. */
export const bertSpaces = '9 1 2 0 i 0 3j 0 4bj 0 1vj a t 1 5 0 1b 0 334 0';

/** Punctuation of Punctuation and BertPreTokenizer. */
export const punctuation =
  'x e a 6 q 5 q 3 y 0 5 0 3 0 a 1 3 0 3 0 ji 0 8 0 cy 5 15 1 1f 0 1 0 2 0 2 0 18 1 k 1 1 1 d 0 2 1 22 3 2u 0 17 d 6h 2 1i e v 0 79 1 ' +
  'a 0 an 0 lf 0 2i 0 a 1 4o e 1 0 11 3 1z 0 22 4 4 1 33 5 4r 0 h0 8 47 0 h8 1 18 1 26 2 1z 1 4d 2 1 2 11 a 8p 1 60 1 3k 6 1 5 4s 6 ' +
  '4b 3 1n 4 1q 1 1s 7 b 0 n0 n 8 j 1 c 1 b u 1 e 1 hl 3 t 1 u5 d 27 1 v 9 b7 l 1r 3 w 1 l7 3 1 1 34 0 3z 1a 1 i ce 2 4 9 2 b g 0 c 0 ' +
  '2q 0 2i 0 mwy 1 7h 2 2r 0 a 0 37 5 ak 3 2e 1 14 2 1 0 1d 1 1b 0 2p c g 1 3g 3 3i 1 g 1 6x 0 g2a 1 5s 9 m y 1 d 1 0 4 0 1 1 45 2 1 ' +
  '5 1 3 a 1 3 1 q 2 1 0 r 0 1 0 1 6 be 2 ik 0 1c 0 bi 0 kn 0 5j 0 v 0 7k 8 12 0 34 6 1u 6 2h 3 x6 6 31 1 1 3 3i 3 1c 1 27 4 3 0 d 0 ' +
  '1 2 2g 5 2z 0 f0 0 6y m 2x 2 6w 2 2lt 4 dtl 1 3p 0 1t 4 8 0 g2i 0 5wn 4';

/** Ending a grapheme cluster on both sides. */
export const clusterControls = '0 v 2n w d 0 12m 0 3jl 0 1ks 0 2 1 o 6 1d f 17yn 0 6o b ab8 f qxs 3 43z 7 h405 v 2o 3j 6o 2rz';

/** Joining the cluster before them. */
export const clusterExtenders =
  'lc 33 7n 6 7b 18 1 0 1 1 1 1 1 0 20 a 1c k g 0 2t 6 2 5 2 1 1 3 z 0 u q 2j a 1m 8 9 0 o 3 1 8 1 2 1 4 17 2 1n 8 16 n 1 w 1i 2 1 h ' +
  '1 6 a 1 t 2 1k 0 1 6 2 1 2 2 9 0 a 1 q 0 2 2 1k 0 1 4 4 1 2 2 3 0 u 1 3 0 b 2 1k 0 1 7 1 2 1 2 k 1 m 5 1 2 1k 0 1 6 2 1 2 2 7 2 a ' +
  '1 u 0 1n 4 3 2 1 3 9 0 14 4 1j 0 1 6 1 2 1 3 7 1 b 1 t 2 1k 0 1 6 1 2 1 3 7 1 b 1 f 0 c 3 1j 1 1 6 1 2 1 3 9 0 a 1 t 2 1y 0 4 5 1 ' +
  '0 1 7 i 1 1p 0 1 7 c 7 2q 0 1 9 b 6 21 1 r 0 1 0 1 0 4 1 1d j 1 1 5 a 1 z 9 0 2u a 1 5 n 3 4 2 g 3 d 0 1 2 6 0 f 0 jj 2 qa 3 s 2 t ' +
  '1 u 1 1s v 9 0 19 2 1 0 39 1 y 0 3a b 4 b 63 4 1l 9 1 0 1 0 2 n 2 0 1c 19 2 b k 4 1b g 12 8 c 2 u c 1k d 1c j 48 2 1 k 4 0 6 0 2 2 ' +
  '5i 1r ek 1 5e w 2da 2 3x 0 2o v fe 5 2x 1 n9w 3 1 9 w 1 28 1 7k 0 3 0 4 0 n 4 4 0 2b 1 1e h q h d 0 12 7 p c 18 3 1b d 10 0 1v d c ' +
  '0 8 1 1a 0 1f 0 1 2 2 1 5 1 1 0 15 4 5 1 6k 7 1 1 fn4 0 kh f g f a6 1 gt 0 6a 0 45 4 1ae 2 1 1 5 3 14 2 4 0 4l 1 fx 3 1t 4 8t 1 25 ' +
  '5 1y a 1d 3 3e 2 1h e 15 0 2 1 a 3 19 a 7 0 1p 2 10 d g 1 18 0 c 2 1c d 8 3 1 1 2k b 6 0 2 0 4d b l 3 1j 1 1 6 2 1 2 2 9 0 a 1 2 6 ' +
  '3 4 1v 8 1 0 2 0 1 3 1 4 1 0 e 1 2a h n 0 29 j 6j 6 2 8 r 1 2a g 2y c 2t 2 2 9 74 e 6t 5 1 1 2 3 1 0 1 1 3x 6 2 6 3 0 s 9 14 6 1 3 ' +
  '8 0 9 a 1a f 5i 7 5j 7 1 7 2a l 1 d 3e 5 3 0 1 1 1 6 1 0 1u 4 1 1 1 4 9n 3 9 1 1 0 1c 6 3 4 n 0 44l 0 6 e 8ug h 1xc 4 1n 6 t4 0 1 ' +
  '1i 7 3 29 0 b 1 f57 1 3mp 19 2 m f2 4 3 5 8 7 2 6 u 3 44 2 1iz 1i 4 1d 8 0 e 0 m 4 1 e 11s 6 1 g 2 6 1 1 1 4 2s 0 4g 6 af 0 1p 3 ' +
  'e4 3 72 1 6r 0 2 0 7 1 5 0 d6 6 31 6 240 4 gx7k 2n 3k 6n';

/** Joining it, but ending a conjunct. */
export const clusterSpacers =
  '1s3 0 1j 0 2 2 8 3 1 1 1e 1 1n 1 6 1 2 1 1i 0 1m 2 1u 0 1m 2 8 0 1 1 1h 1 1o 0 6 1 2 1 36 0 1 1 3 2 1 2 1g 2 1p 3 1p 1 1m 0 2 0 1 ' +
  '1 1a 0 e 1 1n 1 5 2 1 2 1h 1 24 1 6 6 j 1 1r 0 3j 0 3u 1 1r 0 4x 0 9 1 p 1 18 0 1f5 0 7 7 1 1 9m 3 2 2 4 1 1 5 68 1 1m 0 1 0 l 5 ' +
  '41 0 1l 3 1s 0 u 0 4 1 1r 0 2 2 1 0 1h 7 8 1 4r 0 l 0 lw 0 qvq 1 2 0 2g 1 1e f 3y 0 1c 0 1c 1 4 1 2 1 33 1 2 1 o 0 4d 0 2 1 5 0 6l ' +
  '1 1 1 1 1 1 0 jrn 0 1 0 3j 0 19 2 4 1 37 0 o 1 1n 0 1c 2 9 0 e 0 2l 2 3 1 4s 2 v 1 1n 0 1 3 2 1 2 1 l 1 2d 1 f 0 1 1 2v 2 8 1 3 0 ' +
  '2z 1 6 0 1 1 1 0 2 0 6m 1 6 3 2 0 35 2 8 1 1 0 31 0 1 1 32 0 7 0 79 2 9 0 6w 4 1 1 7 0 1 0 3y 2 8 3 4 0 2c 0 t 1 1q 0 5l 0 3 0 1 0 ' +
  '5j 0 e 0 2y 0 7 0 2 0 5x 4 4 1 1 0 9q 1 c 0 1c 1 8 1 d0q 2 2sk 1i';

/** Joining the cluster behind them. */
export const clusterPrefixes = '16o 5 5z 0 1d 0 ao 1 28 0 vf 0 1f8u 0 f 0 6s 1 el 0 12l 0 1 0 8y 5 jg 0 cb 0';

/** Joined by U+200D. */
export const clusterPictures =
  '4p 0 4 0 68d 0 c 0 60 0 m 0 2i 5 f 1 a7 1 c 0 4m 0 p a 4 2 5j 0 6f 1 a 0 9 0 1m 3 1 4 9 0 2 0 2 1 2 0 4 0 2 0 1 1 2 0 3 0 3 1 8 2 ' +
  '5 0 1 0 5 b b 1 2 0 1 1 1 0 i 0 2 1 i 5 1 0 1 1 3 1 5 0 2 1 4 1 b 1 5 1 2 0 5 1 1 0 1 1 k 1 5 5 1 3 2 0 4 0 2 0 2 5 1 0 2 0 1 0 1 ' +
  '0 6 0 3 0 6 0 a 1 f 0 2 0 4 0 1 0 4 2 1 0 b 1 1c 2 9 0 e 0 e 0 ac 1 cv 2 j 1 1f 0 4 0 yi 0 c 0 gp 0 1 0 2fze 0 13 3 2s b f 1 f 0 e ' +
  '1 11 9 34 1 c 1 e 0 2 9 j 1j r e a 0 k 0 2 8 1 3 9 m 6 57 2 33 2 1 1 2 2 2a 2 2 1 3 5 71 1 1q b 5 1 n 7 1 2 7 c 0 2 3 2 0 4 1 d 1 ' +
  '2 0 8 1 9 0 5 2 c 2 8 2 2 0 1 0 4 0 6 0 3 0 6 2d 1c 1x 5 7 2 g 3 0 1 5 2 c 62 11 c 3 1k 7 a 5 14 7 u 1 c 3 2 d 9 12 c 1a 1 9 1 54 ' +
  '2g 7 e 41 74 sd';

/** Making a conjunct. */
export const clusterConsonants =
  '1sl 10 u 7 o 7 l j 1 6 1 0 3 3 y 1 1 0 g 1 4j j 1 6 1 1 1 4 1r 0 r j 1 6 1 1 1 4 y 1 1 0 h 0 4j j 1 f u 2 56 11 jp 16 k 0 g 5 4 3 ' +
  '3 0 3 1 7 2 4 c c 0 1dd 1f h8 1g 52 1 6 w h 7 1i t d 1 b 2 s0b 2 3 z 19 4 2 8 a 4 2p f 1 2 6 0 3 1 2o a 5x q';

/** Linking the consonants of a conjunct. */
export const clusterLinkers = '1u5 0 3j 0 73 0 3j 0 73 0 73 0 kr 0 1i0 0 i5 0 6b 0 2u 0 s2c 0 8l 0 itk 0 1df 0 ik 0 12l 0 7c 0 29 0 x4 0';
