import net from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { connect } from '../../../../shared/database/postgres/connect.ts';

afterEach(() => vi.restoreAllMocks());

test('an idle connection is kept alive before a NAT gateway or a load balancer drops it', async () => {
  const keptAlive = vi.spyOn(net.Socket.prototype, 'setKeepAlive');
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const access = {
    host: '127.0.0.1',
    port,
    username: 'u',
    password: 'p',
    dbname: 'd',
    certificateAuthority: '',
  };
  await expect(connect(access, 'test')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  server.close();
  expect(keptAlive.mock.calls).toContainEqual([true, 30_000]);
});
