// Files in binds belong to whoever asked for the container: what its user writes is the caller's on disk, what is the caller's is its
// user's inside, and nothing on the disk is given to anybody else.
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest, HostConfig } from '../../../src/api/types/index.ts'
import { packTar, plainEntry } from '../../../src/tar/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox } from '../harness/sandbox.ts'

const lab = new EngineLab({ userNamespaces: 'project' })
const CALLER = { Uid: 1000, Gid: 1001 }
const mounted: string[] = []

/** Folders on file systems of each kind. */
const places: Record<string, string> = {}

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.build('of999', 'FROM bb\nUSER 999:998\n', {})
  const folder = (name: string): string => {
    const path = join(lab.folder, name)
    mkdirSync(path)
    return path
  }
  places['ext4'] = folder('ext4')
  const [tmpfs, overlay, lower, upper] = [
    folder('tmpfs'),
    folder('overlay'),
    folder('lower'),
    folder('upper'),
  ]
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', tmpfs])
  mounted.push(tmpfs)
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${folder('work')}`
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, overlay])
  mounted.push(overlay)
  Object.assign(places, { tmpfs, overlay })
})
afterEach(async () => {
  await lab.clear()
  lab.warnings.length = 0
})
afterAll(async () => {
  for (const path of mounted) execFileSync('umount', [path])
  await lab.close()
})

const owner = (path: string): string => `${statSync(path).uid}:${statSync(path).gid}`
const codes = (): string[] => [...new Set(lab.warnings.map(({ code }) => code))].sort()
let count = 0

/** A folder that nobody has used before, on one of the file systems. */
function source(kind: string, existing: boolean): string {
  const path = join(places[kind] ?? '', `s${count++}`)
  if (!existing) return path
  mkdirSync(path)
  writeFileSync(join(path, 'own'), 'text', { mode: 0o600 })
  writeFileSync(join(path, 'else'), 'text')
  for (const [name, uid, gid] of [
    ['.', 1000, 1001],
    ['own', 1000, 1001],
    ['else', 33, 34],
  ] as const)
    chownSync(join(path, name), uid, gid)
  return path
}

const binding = (
  path: string,
  body: ContainerCreateRequest,
  host: HostConfig = {},
): ContainerCreateRequest => ({
  ...body,
  HostConfig: { NetworkMode: 'none', Binds: [`${path}:/b`], TscomposeBindOwner: CALLER, ...host },
})

const USERS: readonly (readonly [string, ContainerCreateRequest, string])[] = [
  ['root', {}, '0:0'],
  ['1000', { User: '1000:1001' }, '1000:1001'],
  ['the 999 of an image', { Image: 'of999' }, '999:998'],
  ['user: www', { User: 'www' }, '33:34'],
]

describe.each(USERS)("%s has the caller's files as its own", (_, body, user) => {
  test.each(['ext4', 'tmpfs'])('on %s', async kind => {
    for (const UsernsMode of ['', 'host']) {
      for (const existing of [true, false]) {
        const path = source(kind, existing)
        const look = existing ? 'cat /b/own && stat -c %u:%g /b /b/own' : 'stat -c %u:%g /b'
        const { out, code } = await lab.sh(
          `${look} && mkdir /b/made && echo x > /b/made/f`,
          binding(path, body, { UsernsMode }),
        )
        expect([out, code]).toEqual([existing ? `text${user}\n${user}\n` : `${user}\n`, 0])
        expect([path, join(path, 'made'), join(path, 'made/f')].map(owner)).toEqual(
          Array(3).fill('1000:1001'),
        )
        if (existing) expect(owner(join(path, 'else'))).toBe('33:34')
      }
    }
    expect(codes()).toEqual([])
  })

  test.each([
    true,
    false,
  ])('but on overlay, which is told, the folder that is made alone: there already? %s', async existing => {
    const path = source('overlay', existing)
    // Without a map it is one of the others where the folder is the caller's.
    const mayWrite = ['0:0', '1000:1001'].includes(user)
    const look = 'stat -c %u:%g /b; mkdir /b/made 2>/dev/null && stat -c %u:%g /b/made'
    const { out } = await lab.sh(look, binding(path, body))
    expect([out, owner(path)]).toEqual([`1000:1001\n${mayWrite ? `${user}\n` : ''}`, '1000:1001'])
    if (mayWrite) expect(owner(join(path, 'made'))).toBe(user)
    if (existing) expect(owner(join(path, 'else'))).toBe('33:34')
    expect(codes()).toEqual(user === '1000:1001' ? ['USERNS_HOST'] : ['BIND_OWNER', 'USERNS_HOST'])
    if (user === '1000:1001') return
    const told = lab.warnings.find(({ code }) => code === 'BIND_OWNER')?.summary
    expect(told).toContain(`"${path}"`)
    expect(told).toContain('overlay')
  })

  test('and on overlay with the users of the host, where only the owner is told of', async () => {
    const { out } = await lab.sh(
      'stat -c %u:%g /b',
      binding(source('overlay', true), body, { UsernsMode: 'host' }),
    )
    expect(out).toBe('1000:1001\n')
    expect(codes()).toEqual(user === '1000:1001' ? [] : ['BIND_OWNER'])
  })
})

describe('files of others', () => {
  test('are those of the other ids, and root of the host does not get to own what the container gives away', async () => {
    const path = source('ext4', true)
    const line = 'stat -c %u:%g /b/else; echo x > /b/f; chown 33 /b/f; stat -c %u /b/f'
    expect((await lab.sh(line, binding(path, {}))).out).toBe('33:34\n33\n')
    expect(owner(join(path, 'f'))).toBe('33:1001')
  })

  test("stay theirs where only the caller's own sources are meant", async () => {
    const own = { TscomposeBindOwner: { ...CALLER, OwnAlone: true } }
    const foreign = join(places['ext4'] ?? '', 'foreign')
    mkdirSync(foreign)
    await lab.sh('echo x > /b/f', binding(foreign, {}, own))
    expect(owner(join(foreign, 'f'))).toBe('0:0')
    // A folder in the caller's folder is in his hands, whoever has made it.
    const within = join(source('ext4', true), 'within')
    mkdirSync(within)
    await lab.sh('echo x > /b/f', binding(within, {}, own))
    expect(owner(join(within, 'f'))).toBe('1000:1001')
    const missing = join(places['ext4'] ?? '', 'a/b/c')
    await lab.sh('echo x > /b/f', binding(missing, {}, own))
    expect([join(missing, 'f'), missing, join(missing, '../..')].map(owner)).toEqual(
      Array(3).fill('1000:1001'),
    )
  })

  test.each([
    '',
    'host',
  ])("that are put in are the container's user's and the caller's, if they are his: %j", async UsernsMode => {
    const path = source('ext4', true)
    const owned = { TscomposeBindOwner: { Uid: 1180600005, Gid: 1180600006 }, UsernsMode }
    const id = await lab.run('put', binding(path, { Image: 'of999' }, owned))
    const put = async (name: string, uid: number, gid: number): Promise<void> => {
      const entry = plainEntry({ type: 'file', name, uid, gid, mode: 0o600, size: 4 })
      const options = { path: '/b', noOverwriteDirNonDir: false, copyUIDGID: false }
      await lab.engine.containers.putArchive(id, options, packTar([{ entry, content: Buffer.from('put\n') }]))
    }
    await put('mine', 1180600005, 1180600006)
    await put('theirs', 33, 34)
    expect(await lab.exec(id, 'cat /b/mine; stat -c %u:%g /b/mine /b/theirs')).toEqual({
      out: 'put\n999:998\n33:34\n',
      code: 0,
    })
    expect([join(path, 'mine'), join(path, 'theirs')].map(owner)).toEqual(['1180600005:1180600006', '33:34'])
  })

  test('are not touched in volumes', async () => {
    const { out } = await lab.sh('echo x > /v/f; stat -c %u /v/f', {
      HostConfig: { NetworkMode: 'none', Binds: ['vol:/v'], TscomposeBindOwner: CALLER },
    })
    expect(out).toBe('0\n')
    expect(owner(join(lab.folder, 'root/volumes/vol/_data/f'))).toBe('0:0')
  })
})

test('the map is there again after a restart by the monitor, with another engine, and an exec has it', async () => {
  const path = source('ext4', true)
  const { HostConfig } = binding(path, {})
  const id = await lab.run('again', {
    Cmd: ['sh', '-c', 'trap "exit 1" TERM; mktemp /b/run-XXXXXX; while :; do sleep 0.1; done'],
    HostConfig: { ...HostConfig, RestartPolicy: { Name: 'always' } },
  })
  const runs = (): string[] => readdirSync(path).filter(name => name.startsWith('run-'))
  await eventually('it runs', () => runs().length === 1)
  const first = await lab.pidOf(id)
  await lab.exec(id, 'kill -TERM 1')
  await lab.reopen()
  await eventually('it runs again', () => runs().length === 2)
  // That the first has ended may be news to it still.
  await eventually('the engine knows', async () => ![0, first].includes(await lab.pidOf(id)))
  expect((await lab.exec(id, 'echo x > /b/exec && stat -c %u:%g /b/exec')).out).toBe('0:0\n')
  expect([...runs(), 'exec'].map(name => owner(join(path, name)))).toEqual(Array(3).fill('1000:1001'))
})

test('an owner that is none is refused', async () => {
  const create = lab.engine.containers.create(
    { Image: 'bb', HostConfig: { TscomposeBindOwner: { Uid: -1, Gid: 0 } } },
    { name: 'refused' },
  )
  await expect(create).rejects.toMatchObject({ diagnostics: [{ code: 'BIND_OWNER_INVALID' }] })
})

describe('the command line', () => {
  const callers: Record<string, string> = { SUDO_UID: '1000', SUDO_GID: '1001' }
  const sandbox = makeSandbox({ env: callers })
  const command = 'sh -c "echo x > /made/f; echo x > /foreign/f; ls -ln /foreign"'
  const service = (extension: string): string =>
    `{image: busybox, command: ${JSON.stringify(command)}, volumes: ["./made:/made", "./foreign:/foreign"]${extension}}`
  const at = (...names: string[]): string => join(sandbox.folder, ...names)
  const owners = (): string[] => [at('made'), at('made/f'), at('foreign/f')].map(owner)

  beforeAll(async () => {
    await sandbox.busybox()
    sandbox.write(
      'compose.yaml',
      `services:
  plain: ${service('')}
  all: ${service(', x-tscompose: {bind_owner: caller}')}
  none: ${service(', x-tscompose: {bind_owner: container}')}
`,
    )
  })
  afterEach(() => {
    for (const name of ['made', 'foreign']) rmSync(at(name), { recursive: true, force: true })
  })
  afterAll(() => sandbox.close())

  test.each([
    // Under sudo of 1000, whose own the missing source is then.
    ['plain', ['1000:1001', '1000:1001', '0:0']],
    ['all', ['1000:1001', '1000:1001', '1000:1001']],
    ['none', ['0:0', '0:0', '0:0']],
  ])('gives files in binds of the service %s to whom it says', async (name, wanted) => {
    mkdirSync(at('foreign'))
    const { status, stderr } = await sandbox.run('run', '--rm', '-T', name)
    expect([status, stderr.includes('BIND_OWNER')]).toEqual([0, false])
    expect(owners()).toEqual(wanted)
  })
})
