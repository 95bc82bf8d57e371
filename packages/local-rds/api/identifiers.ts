import { randomBytes } from 'node:crypto';
import { Fault } from '../protocol/fault.ts';

/**
 * Checks the name of something new against the rules of RDS and returns it as RDS keeps it, in lower case. Throws
 * InvalidParameterValue.
 */
export function newIdentifier(parameter: string, text: string | undefined, longest: 63 | 255): string {
  if (text === undefined || text.trim() === '')
    throw invalid(`The parameter ${parameter} must be provided and must not be blank.`);
  if (!/^[A-Za-z](?:-?[A-Za-z0-9])*$/.test(text)) {
    throw invalid(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
        'ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
    );
  }
  if (text.length > longest)
    throw invalid(
      `The parameter ${parameter} is not a valid identifier because it is longer than ${longest} characters.`,
    );
  return text.toLowerCase();
}

/** Throws InvalidParameterValue unless it is a password that RDS takes for PostgreSQL. */
export function checkMasterPassword(password: string | undefined): string {
  if (password === undefined || password === '')
    throw invalid('The parameter MasterUserPassword must be provided and must not be blank.');
  if (password.length < 8 || password.length > 128) {
    throw invalid(
      'The parameter MasterUserPassword is not a valid password because it is ' +
        `${password.length < 8 ? 'shorter than 8' : 'longer than 128'} characters.`,
    );
  }
  if (!/^[!-~]+$/.test(password) || /[/"@]/.test(password)) {
    throw invalid(
      'The parameter MasterUserPassword is not a valid password. Only printable ASCII characters ' +
        "besides '/', '@', '\"', ' ' may be used.",
    );
  }
  return password;
}

/** Throws InvalidParameterValue unless PostgreSQL and RDS would have a master user of this name. */
export function checkMasterUser(user: string | undefined): string {
  if (user === undefined || user === '')
    throw invalid('The parameter MasterUsername must be provided and must not be blank.');
  if (
    !/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(user) ||
    /^(pg_|rds)/i.test(user) ||
    reserved.has(user.toLowerCase())
  ) {
    throw invalid(
      `MasterUsername ${user} cannot be used as it is a reserved word used by the engine, or not 1 to 63 letters, ` +
        'digits and underscores of which the first is a letter.',
    );
  }
  return user;
}

/** Names that the engine or SQL keeps for itself: "Master user" in the API Reference of CreateDBInstance. */
const reserved = new Set(['admin', 'all', 'current_user', 'public', 'session_user', 'user', 'none']);

/** `db-` or `ab-` and 26 characters, as RDS makes resource ids. */
export function newResourceId(prefix: 'db' | 'ab'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const letters = [...randomBytes(26)].map((byte) => alphabet[byte % alphabet.length]);
  return `${prefix}-${letters.join('')}`;
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);
