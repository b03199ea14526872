// /etc/hosts, hostname and resolv.conf: whose they are, on what they lie, and what links write into them.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { ContainerCreateRequest } from '../../../src/api/types/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()
const FILES = ['resolv.conf', 'hostname', 'hosts']
/** The engine's files that are mounted, in the order of the mounts, and what two of them say. */
const SHOW = `awk '$5 ~ "^/etc/" { print substr($5, 6) }' /proc/self/mountinfo; cat /etc/hostname; grep -c localhost /etc/hosts`
const SHOWN = [...FILES, 'hh', '2', ''].join('\n')

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.build(
    'linked',
    'FROM bb AS made\nRUN mkdir /made && ln -s ../run/deep/stub.conf /made/resolv.conf\nFROM bb\nCOPY --from=made /made/ /etc/\n',
    {},
  )
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const on = (HostConfig: NonNullable<ContainerCreateRequest['HostConfig']>): ContainerCreateRequest => ({
  Hostname: 'hh',
  HostConfig: { NetworkMode: 'none', ...HostConfig },
})

test('they lie on whatever is mounted at /etc, also where nothing can be made there', async () => {
  const empty = { Type: 'volume', Target: '/etc', VolumeOptions: { NoCopy: true } } as const
  expect(await lab.sh(SHOW, on({ Mounts: [{ ...empty, Source: 'bare' }] }))).toEqual({ out: SHOWN, code: 0 })
  // The first run has left the places to mount on.
  expect(await lab.sh(SHOW, on({ Binds: ['bare:/etc:ro'] }))).toEqual({ out: SHOWN, code: 0 })
  expect(await lab.sh(SHOW, on({ Binds: ['filled:/etc:ro'] }))).toEqual({ out: SHOWN, code: 0 })
  expect(await lab.sh(SHOW, on({ Tmpfs: { '/etc': '' } }))).toEqual({ out: SHOWN, code: 0 })
  await expect(
    lab.sh(SHOW, on({ Mounts: [{ ...empty, Source: 'other', ReadOnly: true }] })),
  ).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
})

test('in a folder of the host only empty files are left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-etc-'))
  try {
    const line = `${SHOW}; echo 1.1.1.1 z >> /etc/hosts && test -w /etc/hosts`
    expect(await lab.sh(line, on({ Binds: [`${folder}:/etc`] }))).toEqual({ out: SHOWN, code: 0 })
    expect(readdirSync(folder).sort()).toEqual([...FILES].sort())
    expect(await lab.sh(SHOW, on({ Binds: [`${folder}:/etc:ro`] }))).toEqual({ out: SHOWN, code: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("an image's link to nothing is followed, as that of resolv.conf where systemd resolves names", async () => {
  const line =
    'readlink /etc/resolv.conf; grep -c nameserver /etc/resolv.conf; grep -c /run/deep/stub.conf /proc/mounts'
  const { out, code } = await lab.sh(line, { Image: 'linked', HostConfig: { NetworkMode: 'bridge' } })
  expect([out, code]).toEqual([expect.stringMatching(/^\.\.\/run\/deep\/stub\.conf\n[1-9]\n1\n$/), 0])
})

test('who joins the network of another has the names and the very files of that one', async () => {
  await lab.run('target', {
    Hostname: 'tgt',
    Domainname: 'dom.x',
    HostConfig: { NetworkMode: 'bridge', ExtraHosts: ['foo:1.2.3.4'] },
  })
  await lab.run('joiner', { HostConfig: { NetworkMode: 'container:target' } })
  const names = 'hostname; cat /etc/hostname /proc/sys/kernel/domainname; grep foo /etc/hosts'
  expect((await lab.exec('joiner', names)).out).toBe('tgt\ntgt\ndom.x\n1.2.3.4\tfoo\n')
  const { Config } = await lab.engine.containers.inspect('joiner', { size: false })
  expect([Config.Hostname, Config.Domainname]).toEqual(['tgt', 'dom.x'])
  await lab.exec('joiner', 'echo 7.7.7.7 added >> /etc/hosts')
  expect((await lab.exec('target', 'tail -n1 /etc/hosts')).out).toBe('7.7.7.7 added\n')
})

test('a link on the default bridge gives names and variables, also to execs, over a renaming', async () => {
  const ExposedPorts = { '80/tcp': {}, '9000/tcp': {}, '9001/tcp': {}, '9002/tcp': {}, '9001/udp': {} }
  await lab.run('db', { Hostname: 'dbh', Env: ['A=1'], ExposedPorts, HostConfig: { NetworkMode: 'bridge' } })
  await lab.run('web', { HostConfig: { NetworkMode: 'bridge', Links: ['db:my-db'] } })
  const { NetworkSettings } = await lab.engine.containers.inspect('db', { size: false })
  const address = NetworkSettings.Networks['bridge']?.IPAddress ?? ''
  const { out } = await lab.exec('web', 'env | grep ^MY_DB; grep my-db /etc/hosts')
  const lines = out.trimEnd().split('\n')
  expect(lines.at(-1)).toBe(`${address}\tmy-db dbh db`)
  expect(lines.slice(0, -1)).toEqual(
    expect.arrayContaining([
      'MY_DB_NAME=/web/my-db',
      'MY_DB_ENV_A=1',
      `MY_DB_PORT=tcp://${address}:80`,
      `MY_DB_PORT_9000_TCP_START=tcp://${address}:9000`,
      'MY_DB_PORT_9000_TCP_PORT_START=9000',
      `MY_DB_PORT_9000_TCP_END=tcp://${address}:9002`,
      'MY_DB_PORT_9000_TCP_PORT_END=9002',
      'MY_DB_PORT_9001_UDP_PROTO=udp',
    ]),
  )
  await lab.engine.containers.rename('db', 'db2')
  const { HostConfig } = await lab.engine.containers.inspect('web', { size: false })
  expect(HostConfig.Links).toEqual(['/db2:/web/my-db'])
  await lab.engine.containers.kill('web', 'SIGKILL')
  await vi.waitFor(
    async () =>
      expect((await lab.engine.containers.inspect('web', { size: false })).State.Running).toBe(false),
    { timeout: 60_000 },
  )
  await lab.engine.containers.start('web', {})
  expect((await lab.exec('web', 'grep my-db /etc/hosts')).out).toBe(`${address}\tmy-db dbh db2\n`)
  await lab.engine.containers.remove('db2', { force: true, volumes: false, link: false })
  // What runs can still be entered, by the next engine too.
  await lab.reopen()
  expect(await lab.exec('web', 'env | grep -c ^MY_DB')).toEqual({ out: '0\n', code: 1 })
})

test('on a network of its own a container has no such links', async () => {
  await lab.engine.networks.create({ Name: 'front', Internal: true })
  await lab.run('db', { HostConfig: { NetworkMode: 'front' } })
  const { out } = await lab.sh('env | grep -c ^X_; grep -c x /etc/hosts', {
    HostConfig: { NetworkMode: 'front', Links: ['db:x'] },
  })
  expect(out).toMatch(/^0\n/)
})
