/** What a WebAssembly program wrote to its file. */
export interface WrittenFile {
  bytes(): Buffer;
}

/** A call of WASI as Emscripten gives it to a program: numbers, or addresses in the program's memory. Zero is success. */
type Call = (...args: (number | bigint)[]) => number;

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The part of WebAssembly that is followed. TypeScript declares it for browsers only. */
interface Instantiating {
  instantiate(program: Uint8Array, imports: Imports): Promise<unknown>;
}

/** Standard input, output and error are no files. */
const FIRST_FILE = 3;
/** An address and a length, four bytes each. */
const VECTOR_BYTES = 8;

/**
 * Keeps what the programs write that this thread instantiates from now on. `@electric-sql/pglite-tools` reads the file back as
 * text, which ends at the first zero byte: of an archive seven bytes are left. So the bytes are taken where the program hands
 * them over.
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
export function followWrites(): WrittenFile {
  const files = new Map<number, GrowingFile>();
  const webAssembly = (globalThis as unknown as { WebAssembly: Instantiating }).WebAssembly;
  const instantiate = webAssembly.instantiate.bind(webAssembly);
  webAssembly.instantiate = (program, imports) => {
    const { wasi_snapshot_preview1: wasi = {}, env = {} } = imports;
    // A new view each time: the buffer is replaced when the memory grows.
    const memory = (): DataView => new DataView((env.memory as { buffer: ArrayBuffer }).buffer);
    const { fd_write: write, fd_seek: seek } = wasi as { fd_write: Call; fd_seek: Call };
    const followed = {
      ...wasi,
      fd_write(fd: number, vectors: number, count: number, writtenAt: number): number {
        const given = gather(memory(), vectors, count);
        const failure = write(fd, vectors, count, writtenAt);
        if (failure === 0 && fd >= FIRST_FILE)
          fileOf(files, fd).write(given.subarray(0, memory().getUint32(writtenAt, true)));
        return failure;
      },
      // The last argument is where the new position is written. The offset before it is one number or two.
      fd_seek(...args: (number | bigint)[]): number {
        const failure = seek(...args);
        if (failure === 0)
          fileOf(files, Number(args[0])).position = Number(memory().getBigInt64(Number(args.at(-1)), true));
        return failure;
      },
    };
    return instantiate(program, { ...imports, wasi_snapshot_preview1: followed });
  };
  return {
    bytes: () =>
      [...files.values()]
        .map((file) => file.content())
        .reduce((longest, each) => (each.length > longest.length ? each : longest), Buffer.alloc(0)),
  };
}

interface GrowingFile {
  position: number;
  write(bytes: Buffer): void;
  content(): Buffer;
}

function fileOf(files: Map<number, GrowingFile>, fd: number): GrowingFile {
  const file = files.get(fd) ?? growingFile();
  files.set(fd, file);
  return file;
}

function growingFile(): GrowingFile {
  let space = Buffer.alloc(1 << 16);
  let length = 0;
  return {
    position: 0,
    write(bytes) {
      const end = this.position + bytes.length;
      if (end > space.length)
        space = Buffer.concat([space, Buffer.alloc(Math.max(space.length, bytes.length))]);
      bytes.copy(space, this.position);
      this.position = end;
      length = Math.max(length, end);
    },
    content: () => space.subarray(0, length),
  };
}

function gather(memory: DataView, vectors: number, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const vector = vectors + index * VECTOR_BYTES;
      const [from, bytes] = [memory.getUint32(vector, true), memory.getUint32(vector + 4, true)];
      return new Uint8Array(memory.buffer, from, bytes);
    }),
  );
}
