import { describe, expect, test } from 'vitest';
import { SecretUnusable } from '../../../shared/aws/read-secret.ts';
import { memoryBeside } from '../../../shared/rehydration/redis-destination.ts';
import { parseRedisSecret } from '../../../shared/rehydration/redis-secret.ts';

const parse = (secret: object | string) =>
  parseRedisSecret('app/redis', typeof secret === 'string' ? secret : JSON.stringify(secret));

const PLAIN = {
  host: 'cache.example.com',
  port: 6379,
  tls: true,
  certificateAuthority: null,
  username: null,
  password: null,
  database: 0,
};

describe('the secret of a Redis', () => {
  test.each([
    ['rediss://cache.example.com', {}],
    ['rediss://cache.example.com:6380/3', { port: 6380, database: 3 }],
    ['rediss://app:p%40ss%3A%2F@cache.example.com/', { username: 'app', password: 'p@ss:/' }],
    ['rediss://:only@cache.example.com', { password: 'only' }],
    ['redis://127.0.0.1:7000', { host: '127.0.0.1', port: 7000, tls: false }],
    ['redis://localhost', { host: 'localhost', tls: false }],
    ['redis://[::1]:7000', { host: '::1', port: 7000, tls: false }],
    ['rediss://[2001:db8::1]', { host: '2001:db8::1' }],
  ])('says where it is: %s', (url, difference) => {
    expect(parse({ url })).toEqual({ ...PLAIN, ...difference });
  });

  test.each([
    ['no JSON', 'rediss://u:hidden@host', /lacks or misstates the whole/],
    ['no object', '"hidden"', /lacks or misstates the whole/],
    ['no url', { address: 'hidden' }, /lacks or misstates url/],
    [
      'an authority that is not a certificate',
      { url: 'rediss://h', certificateAuthority: 'hidden' },
      /certificateAuthority/,
    ],
    ['text that is not a URL', { url: 'host:hidden:x' }, /"url" that is not rediss|invalid "url"/],
    ['another protocol', { url: 'https://u:hidden@host' }, /not rediss:/],
    ['no host', { url: 'rediss:///0' }, /without host|invalid "url"/],
    ['a path that is no number', { url: 'rediss://u:hidden@host/hidden' }, /path that is not a number/],
    [
      'no TLS to another machine',
      { url: 'redis://u:hidden@cache.example.com' },
      /cache.example.com without TLS/,
    ],
    ['no TLS to another address', { url: 'redis://10.0.0.1:6379' }, /without TLS/],
    ['no TLS to what only looks like this machine', { url: 'redis://127.0.0.1.example.com' }, /without TLS/],
    ['a password that is not encoded', { url: 'rediss://u:hidden%zz@host' }, /not percent-encoded/],
  ])('is refused with %s, and shows nothing of it', (_, secret, words) => {
    const refused = () => parse(secret);
    expect(refused).toThrow(SecretUnusable);
    expect(refused).toThrow(words);
    expect(refused).toThrow(/secret "app\/redis"/);
    try {
      refused();
    } catch (error) {
      expect(`${error} ${(error as Error).stack} ${(error as Error).cause}`).not.toContain('hidden@');
      expect(String(error)).not.toContain('hidden');
    }
  });
});

test.each([
  ['email_queue', '{email_queue}:lifeboat:pushed'],
  ['queue:{mail}', 'queue:{mail}:lifeboat:pushed'],
  ['{mail}', '{mail}:lifeboat:pushed'],
  ['odd{}', '{odd{}}:lifeboat:pushed'],
])('the memory of list %s are kept in %s', (list, ids) => {
  expect(memoryBeside(list)).toBe(ids);
});
