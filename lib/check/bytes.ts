import { closeSync, openSync, readSync } from 'node:fs';

const PIECE = 64 * 1024;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/**
 * Reads a file, or one that is open already, to its end.
 *
 * @param most one byte more than this is enough to say that it is too much: a pipe may never end
 */
export function bytesOf(source: string | number, most: number): Buffer {
  const file = typeof source === 'number' ? source : openSync(source, 'r');
  try {
    return bytesFrom(file, most);
  } finally {
    if (typeof source !== 'number') closeSync(file);
  }
}

function bytesFrom(file: number, most: number): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; size <= most;) {
    const piece = Buffer.allocUnsafe(PIECE);
    const read = readPiece(file, piece);
    if (read === 0) break;
    pieces.push(piece.subarray(0, read));
    size += read;
  }
  return Buffer.concat(pieces);
}

/** Whoever opened a pipe may have said that nobody waits for it. */
function readPiece(file: number, piece: Buffer): number {
  for (let code: string | undefined = 'EAGAIN'; code === 'EAGAIN';) {
    try {
      return readSync(file, piece);
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return 0;
      if (code === 'EAGAIN') Atomics.wait(PAUSE, 0, 0, 5);
    }
  }
  // What is wrong otherwise is wrong once more, and is told by whoever asked.
  return readSync(file, piece);
}
