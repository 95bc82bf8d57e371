import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { giveUpRoom, isDiskFull } from './disk-full.ts';
import { fromJson, toJson } from './json.ts';

/** Whose things, and where. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** What every stored thing says of itself. */
export interface Stored extends Scope {
  readonly name: string;
}

/** A file of the state is not what this program wrote. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged';

  constructor(file: string, options: ErrorOptions) {
    super(
      `The state file ${file} cannot be read. Expected: JSON as this program writes it. ` +
        'Remove the file to forget that thing, or the whole folder to begin anew.',
      options,
    );
  }
}

const unfinished = '.writing';

/**
 * Things of one kind, one file each, all of them in memory. A change is on disk, under its name and whole, when `put` or
 * `delete` returns: written beside and renamed, so that a program killed at any moment leaves the old or the new.
 * Synchronous on purpose: between a check and the change that rests on it nothing else can happen.
 */
export class Collection<Thing extends Stored> {
  readonly #folder: string;
  readonly #reserveFolder: string;
  readonly #things = new Map<string, Thing>();

  /** @param reserveFolder where room is reserved for a full disk */
  constructor(folder: string, reserveFolder: string = folder) {
    this.#folder = folder;
    this.#reserveFolder = reserveFolder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      if (name.endsWith(unfinished)) rmSync(file);
      else this.#load(file);
    }
  }

  get({ account, region }: Scope, name: string): Thing | undefined {
    return this.#things.get(key(account, region, name));
  }

  /** By name, in one Region of one account. */
  list({ account, region }: Scope): Thing[] {
    return this.all()
      .filter((thing) => thing.account === account && thing.region === region)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Of all accounts and Regions. */
  all(): Thing[] {
    return [...this.#things.values()];
  }

  put(thing: Thing): Thing {
    const file = this.#file(thing);
    try {
      write(file, thing);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      giveUpRoom(this.#reserveFolder);
      write(file, thing);
    }
    this.#things.set(keyOf(thing), thing);
    return thing;
  }

  /** Nothing when it is not there. */
  delete(thing: Stored): void {
    rmSync(this.#file(thing), { force: true });
    this.#things.delete(keyOf(thing));
  }

  #load(file: string): void {
    try {
      const thing = fromJson(readFileSync(file, 'utf8')) as Thing;
      this.#things.set(keyOf(thing), thing);
    } catch (error) {
      throw new StateDamaged(file, { cause: error });
    }
  }

  /** Names may be longer than a file's name and differ only in what a file system does not tell apart. */
  #file(thing: Stored): string {
    const digest = createHash('sha256').update(keyOf(thing)).digest('hex').slice(0, 16);
    const readable = thing.name.replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, 80);
    return path.join(this.#folder, `${readable}-${digest}.json`);
  }
}

function write(file: string, thing: Stored): void {
  writeFileSync(`${file}${unfinished}`, toJson(thing), { mode: 0o600 });
  renameSync(`${file}${unfinished}`, file);
}

const keyOf = ({ account, region, name }: Stored) => key(account, region, name);
const key = (account: string, region: string, name: string) => `${account}/${region}/${name}`;
