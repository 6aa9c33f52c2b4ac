/** JSON as an SSM parameter holds it where it would be too long as it is. */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const COMPRESSED = 'br:';
/** A document cannot grow beyond this by decompression: a parameter holds 8 KB, and real ones unpack about fivefold. */
const MAX_UNPACKED_BYTES = 1 << 20;

export const packed = (json: string): string =>
  COMPRESSED +
  brotliCompressSync(json, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
      // Measured: 2 % larger than the best quality, in a quarter of its time.
      [constants.BROTLI_PARAM_QUALITY]: 10,
    },
  }).toString('base64');

/**
 * What a text holds, packed or not.
 *
 * @throws Error when it is neither JSON nor packed JSON
 */
export const unpacked = (text: string): unknown =>
  JSON.parse(
    text.startsWith(COMPRESSED)
      ? brotliDecompressSync(Buffer.from(text.slice(COMPRESSED.length), 'base64'), {
          maxOutputLength: MAX_UNPACKED_BYTES,
        }).toString()
      : text,
  );
