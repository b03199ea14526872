// Containers in the user namespace of their project: root in them is nobody on the host, and nothing that worked stops working.
import { chmodSync, chownSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extract } from 'tar-stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerCreateRequest, HostConfig } from '../../../src/api/types/index.ts'
import { packTar, plainEntry, type TarEntry } from '../../../src/tar/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab({ userNamespaces: 'project' })
let source: string

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  source = join(lab.folder, 'source')
  mkdirSync(source)
})
afterEach(async () => {
  await lab.clear()
  lab.warnings.length = 0
})
afterAll(() => lab.close())

const ofProject = (project: string, HostConfig: HostConfig = {}): ContainerCreateRequest => ({
  Labels: { 'com.docker.compose.project': project },
  HostConfig: { NetworkMode: 'none', ...HostConfig },
})
const namespaceOf = async (id: string): Promise<string> =>
  (await lab.exec(id, 'readlink /proc/self/ns/user')).out.trim()
const idsOf = async (id: string) => (await lab.engine.containers.inspect(id, { size: false })).TscomposeIds
const claims = (): string => readFileSync('/run/tscompose-ids/ranges.json', 'utf8')
const owner = (path: string): string => `${statSync(path).uid}:${statSync(path).gid}`

/** Puts a file `f` into a folder of a container, as `docker cp` does. */
async function put(id: string, path: string, owned: Partial<TarEntry>, text = 'hello'): Promise<void> {
  const entry = plainEntry({ type: 'file', name: 'f', size: text.length, ...owned })
  const options = { path, noOverwriteDirNonDir: false, copyUIDGID: false }
  await lab.engine.containers.putArchive(id, options, packTar([{ entry, content: Buffer.from(text) }]))
}

type Owned = Pick<TarEntry, 'name' | 'uid' | 'gid'>

/** What an archive of a path has in it, and whose it is. */
async function get(id: string, path: string): Promise<Owned[]> {
  const entries: Owned[] = []
  const tar = extract()
  tar.on('entry', ({ name, uid, gid }, stream, next) => {
    entries.push({ name, uid: uid ?? 0, gid: gid ?? 0 })
    stream.on('end', next)
    stream.resume()
  })
  const archive = await lab.engine.containers.getArchive(id, path, new AbortController().signal)
  for await (const chunk of archive.tar) tar.write(chunk)
  return entries
}

describe('a project', () => {
  test('has one user namespace of its own, of ids that nobody else has', async () => {
    const [a, b] = [await lab.run('a1', ofProject('one')), await lab.run('b1', ofProject('one'))]
    const [c, d] = [
      await lab.run('c1', ofProject('two')),
      await lab.run('d1', { HostConfig: { NetworkMode: 'none' } }),
    ]
    const all = await Promise.all([a, b, c, d].map(namespaceOf))
    expect(all[0]).toBe(all[1])
    expect(new Set(all).size).toBe(3)
    const firsts = await Promise.all([a, b, c, d].map(idsOf))
    expect(firsts[0]).toEqual(firsts[1])
    expect(new Set(firsts.map(each => JSON.stringify(each))).size).toBe(3)
    const { State } = await lab.engine.containers.inspect(a, { size: false })
    expect(readFileSync(`/proc/${State.Pid}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s${(firsts[0] as { First: number }).First}\\s`, 'm'),
    )
  })

  test('keeps it when the engine is followed by another, and lets it go with the last engine', async () => {
    const a = await lab.run('a1', ofProject('kept'))
    const before = await namespaceOf(a)
    await lab.reopen()
    const b = await lab.run('b1', ofProject('kept', { PidMode: 'container:a1' }))
    expect([await namespaceOf(a), await namespaceOf(b)]).toEqual([before, before])
    expect((await lab.exec(a, 'id -u')).out).toBe('0\n')
    expect(claims()).toContain('project:kept')
    await lab.clear()
    await lab.reopen()
    await eventually('it is given back', () => !claims().includes('project:kept'))
  })

  test('has it made with its first network, for the containers that come next', async () => {
    const Labels = { 'com.docker.compose.project': 'early' }
    const { Id } = await lab.engine.networks.create({ Name: 'early_default', Labels })
    await eventually('its ids are chosen', () => claims().includes('"project:early"'))
    await lab.engine.networks.remove(Id)
  })

  test('is started ten at once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, index) => lab.run(`n${index}`, ofProject('ten'))),
    )
    expect(new Set(await Promise.all(ids.map(namespaceOf))).size).toBe(1)
  })
})

describe('files', () => {
  test('keep owners from 0 on, in the container, in volumes and binds, with and without a user namespace', async () => {
    const Binds = ['data:/v', `${source}:/bind`]
    writeFileSync(join(source, 'of33'), '')
    chownSync(join(source, 'of33'), 33, 34)
    const mapped = await lab.run('mapped', ofProject('files', { Binds }))
    const plain = await lab.run('plain', ofProject('files', { Binds, UsernsMode: 'host' }))
    expect([await idsOf(mapped), await idsOf(plain)]).toEqual([
      { First: expect.any(Number) },
      { Reason: expect.stringContaining('userns_mode'), Asked: true },
    ])
    const make = (name: string): string =>
      `umask 0; for f in /v /bind /own; do mkdir -p $f; echo x > $f/${name}; chown 33:34 $f/${name}; done`
    for (const [id, name] of [
      [mapped, 'm'],
      [plain, 'p'],
    ] as const) {
      expect(await lab.exec(id, make(name))).toEqual({ out: '', code: 0 })
    }
    const show = "stat -c '%u:%g' /v/m /v/p /bind/m /bind/p /bind/of33 /data /data/file /etc/passwd"
    const wanted = '33:34\n33:34\n33:34\n33:34\n33:34\n33:34\n0:0\n0:0\n'
    for (const id of [mapped, plain]) expect((await lab.exec(id, show)).out).toBe(wanted)
    const data = join(lab.folder, 'root/volumes/data/_data')
    const upper = join(lab.folder, 'root/containers', mapped, 'upper')
    expect([join(data, 'm'), join(source, 'm'), join(upper, 'own/m')].map(owner)).toEqual(
      Array(3).fill('33:34'),
    )
    expect((await lab.exec(mapped, 'chown 70000 /own/m')).code).not.toBe(0)
    await expect(lab.exec(mapped, 'id', '70000')).rejects.toMatchObject({ code: 'USER_NOT_MAPPED' })
  })

  test('are copied up, renamed, removed and kept as an image, which runs without one too', async () => {
    const id = await lab.run('changed', ofProject('image'))
    const line = 'echo more >> /data/file && mv /data /moved && rm /etc/group && chmod u+s /bin/busybox'
    expect(await lab.exec(id, line)).toEqual({ out: '', code: 0 })
    await lab.engine.imageArchives.commit(
      { container: id, repository: 'kept', comment: '', author: '', pause: true, changes: [], config: {} },
      new AbortController().signal,
    )
    for (const UsernsMode of ['', 'host']) {
      const look = "cat /moved/file; stat -c '%u:%g %a' /moved; ls /etc/group /data"
      const { out } = await lab.sh(look, { Image: 'kept', HostConfig: { NetworkMode: 'none', UsernsMode } })
      expect(out).toMatch(/^from-image\nmore\n33:34 750\n/)
    }
  })

  test('are put in and taken out with the owners that the container knows', async () => {
    const id = await lab.run('copied', ofProject('cp', { Binds: ['data:/v'], Tmpfs: { '/t': '' } }))
    for (const path of ['/srv', '/v']) {
      await lab.exec(id, `mkdir -p ${path}`)
      await put(id, path, { uid: 33, gid: 34, mode: 0o640 })
      expect((await lab.exec(id, `stat -c '%u:%g %a' ${path}/f; cat ${path}/f`)).out).toBe('33:34 640\nhello')
    }
    expect(owner(join(lab.folder, 'root/volumes/data/_data/f'))).toBe('33:34')
  })
})

describe('owners that a user namespace does not have', () => {
  const HIGH = { uid: 1180600005, gid: 70000, mode: 0o600 }
  const look = (path: string): string => `stat -c '%u:%g %a' ${path}/f; cat ${path}/f`

  test('become root where files are put in, whole, and stay where the host has them', async () => {
    const id = await lab.run('high', ofProject('high', { Binds: ['high:/v'], Tmpfs: { '/t': '' } }))
    const host = await lab.run('plain', ofProject('high', { UsernsMode: 'host' }))
    for (const path of ['/srv', '/v', '/t']) {
      await lab.exec(id, `mkdir -p ${path}`)
      await put(id, path, HIGH)
      expect((await lab.exec(id, look(path))).out).toBe('0:0 600\nhello')
    }
    await put(host, '/tmp', HIGH)
    expect((await lab.exec(host, look('/tmp'))).out).toBe('1180600005:70000 600\nhello')
  })

  test('become root in one that is yet to start, and stay in the folders of the host that it binds', async () => {
    const folder = join(lab.folder, 'bound')
    mkdirSync(folder)
    const body = ofProject('high', { Binds: [`${folder}:/b`, 'later:/v'] })
    const { Id } = await lab.engine.containers.create({ Image: 'bb', ...body }, { name: 'later' })
    for (const path of ['/tmp', '/v', '/b']) await put(Id, path, HIGH)
    await lab.engine.containers.start(Id, {})
    for (const path of ['/tmp', '/v']) expect((await lab.exec(Id, look(path))).out).toBe('0:0 600\nhello')
    expect(owner(join(folder, 'f'))).toBe('1180600005:70000')
    expect(await idsOf(Id)).toHaveProperty('First')
  })

  test('stay those of a user above the range', async () => {
    const body = { ...ofProject('high'), User: '70000' }
    const { Id } = await lab.engine.containers.create({ Image: 'bb', ...body }, { name: 'user' })
    await put(Id, '/tmp', HIGH)
    await lab.engine.containers.start(Id, {})
    expect((await lab.exec(Id, look('/tmp'))).out).toMatch(/^1180600005:70000 600\n/)
  })

  test('leave nothing half made behind where one cannot be written', async () => {
    const id = await lab.run('full', ofProject('high', { Tmpfs: { '/t': 'size=64k' } }))
    await expect(put(id, '/t', { mode: 0o600 }, 'x'.repeat(100_000))).rejects.toMatchObject({
      code: 'DISK_FULL',
    })
    expect((await lab.exec(id, 'ls /t')).out).toBe('')
  })

  test("have the host's users where a bind or a volume belongs to one, and why is told once", async () => {
    const folder = join(lab.folder, 'foreign')
    mkdirSync(folder)
    writeFileSync(join(folder, 'f'), 'kept')
    const fill = 'echo kept > /v/f; chown 33:70000 /v; chmod 700 /v'
    await lab.sh(fill, { HostConfig: { NetworkMode: 'none', UsernsMode: 'host', Binds: ['foreign:/v'] } })
    chownSync(folder, 70000, 70000)
    chmodSync(folder, 0o700)
    for (const [place, whose] of [
      [folder, '70000:70000'],
      ['foreign', '33:70000'],
    ]) {
      lab.warnings.length = 0
      const id = await lab.run('above', ofProject('above', { Binds: [`${place}:/v`] }))
      expect(await lab.exec(id, 'cat /v/f; echo more > /v/g')).toMatchObject({ code: 0 })
      const why = expect.stringContaining(`at /v, belongs to ${whose}`)
      expect(await idsOf(id)).toEqual({ Reason: why })
      await lab.engine.containers.restart(id, { timeout: 0 })
      expect(lab.warnings).toMatchObject([{ code: 'USERNS_HOST', summary: why }])
      await lab.engine.containers.remove(id, { force: true, volumes: false, link: false })
    }
  })
})

test.each([
  '',
  'host',
])('what is in a tmpfs or /dev/shm is taken out as it was put in: users of %j', async UsernsMode => {
  const id = await lab.run('seen', ofProject('seen', { UsernsMode, Tmpfs: { '/t': '', '/data': '' } }))
  await lab.exec(id, 'mkdir /t/sub /t/sub/in; ln -s /t/sub /way; ln -s /dev/shm /data/shm')
  for (const path of ['/t/sub', '/way/in', '/dev/shm', '/data/shm']) {
    await put(id, path, { uid: 33, gid: 34, mode: 0o640 })
    const taken = await get(id, `${path}/f`)
    expect(taken).toEqual([{ name: 'f', uid: 33, gid: 34 }])
  }
  // What lies below the mount is of the image.
  expect((await get(id, '/data')).map(({ name }) => name)).toEqual(['data/', 'data/shm'])
  expect((await get(id, '/t')).map(({ name }) => name)).toContain('t/sub/in/f')
  await lab.engine.containers.stop(id, { timeout: 0 })
  expect((await get(id, '/data')).map(({ name }) => name)).toEqual(['data/', 'data/file'])
})

describe('what a container asks for', () => {
  test('works inside as without', async () => {
    const { out } = await lab.sh(
      [
        'ulimit -n; cat /proc/1/oom_score_adj /proc/sys/kernel/shmmax /proc/sys/kernel/domainname',
        'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range',
        'stat -c "%u:%g %a" /t /dev/null /dev/shm; echo x > /dev/null && echo null',
        'echo out > /dev/stdout; echo err > /dev/stderr; chmod 600 /dev/zero && stat -c %a /dev/zero',
        'mknod /n c 1 3 2>/dev/null || echo refused; su www -s /bin/sh -c "id -u"; ls /dev/mqueue',
      ].join('\n'),
      ofProject('asks', {
        Tmpfs: { '/t': 'uid=33,gid=34,mode=700' },
        OomScoreAdj: 100,
        Sysctls: { 'kernel.shmmax': '4096000', 'kernel.domainname': 'example.org' },
        Ulimits: [{ Name: 'nofile', Soft: 50, Hard: 60 }],
      }),
    )
    expect(out.split('\n').sort()).toEqual(
      [
        ...['50', '100', '4096000', 'example.org', '0', '0\t2147483647', '33:34 700', '0:0 666', '0:0 1777'],
        ...['null', 'out', 'err', '600', 'refused', '33', ''],
      ].sort(),
    )
  })

  test('is started again by its monitor, and asked for its health', async () => {
    const id = await lab.run('again', {
      ...ofProject('again', { RestartPolicy: { Name: 'always' } }),
      Cmd: ['sh', '-c', 'trap "exit 1" TERM; echo begun; while :; do sleep 0.1; done'],
      Healthcheck: { Test: ['CMD', 'true'], Interval: 100e6 },
    })
    const before = await namespaceOf(id)
    const runs = async (): Promise<number> => (await lab.log(id)).split('begun').length - 1
    await eventually('its trap is set', async () => (await runs()) === 1)
    const first = await lab.pidOf(id)
    await lab.exec(id, 'kill -9 1; kill -TERM 1')
    await eventually('it is there again', async () => (await runs()) === 2)
    await eventually('it is known to run', async () => ![0, first].includes(await lab.pidOf(id)))
    expect(await namespaceOf(id)).toBe(before)
    await eventually(
      'it is healthy',
      async () =>
        (await lab.engine.containers.inspect(id, { size: false })).State.Health?.Status === 'healthy',
    )
  })

  test('has files of /proc that are true to its limits', async () => {
    const { out } = await lab.sh('head -1 /proc/meminfo', ofProject('limits', { Memory: 64 * 1024 * 1024 }))
    expect(out).toMatch(/MemTotal:\s+65536 kB/)
  })

  test('may be in the namespaces of another, with the rights that it has in its own', async () => {
    await lab.engine.networks.create({ Name: 'net1' })
    const owner = await lab.run('owner', ofProject('joined', { NetworkMode: 'net1', IpcMode: 'shareable' }))
    const joins = { NetworkMode: 'container:owner', PidMode: 'container:owner', IpcMode: 'container:owner' }
    // Of no project, as a container that is made to look at another.
    const id = await lab.run('joiner', {
      HostConfig: { ...joins, VolumesFrom: ['owner'], Tmpfs: { '/t': '' } },
    })
    expect(await namespaceOf(id)).toBe(await namespaceOf(owner))
    expect(await idsOf(id)).toEqual(await idsOf(owner))
    expect(
      (await lab.exec(id, 'ping -c 1 -W 5 127.0.0.1 && kill -0 1 && echo x > /dev/shm/f && id -u')).code,
    ).toBe(0)
    expect((await lab.exec(owner, 'cat /dev/shm/f')).out).toBe('x\n')
    // In the namespaces of others who are not in one.
    const alone = await lab.run('alone', ofProject('joined', { Privileged: true }))
    const beside = await lab.run('beside', ofProject('joined', { PidMode: 'container:alone' }))
    expect(await namespaceOf(beside)).toBe(await namespaceOf(alone))
    expect(await idsOf(beside)).toEqual({ Reason: expect.stringContaining('joins alone') })
  })

  test('has a terminal of its own user', async () => {
    const { out } = await lab.sh('stat -c "%u %g" $(readlink /proc/self/fd/0)', {
      ...ofProject('tty'),
      Tty: true,
      User: '33',
    })
    expect(out.trim()).toBe('33 5')
  })

  test('is built in one, too', async () => {
    const dockerfile =
      'FROM bb\nRUN head -1 /proc/self/uid_map > /map; mkdir /made; chown 33:34 /made; chmod 4755 /made\n'
    await lab.build('built', dockerfile, {})
    const { out } = await lab.sh('cat /map; stat -c "%u:%g %a" /made', {
      Image: 'built',
      HostConfig: { NetworkMode: 'none', UsernsMode: 'host' },
    })
    expect(out).toMatch(/^\s+0\s+[1-9]\d*\s+65536\n33:34 4755\n$/)
  })
})

test('a container goes over to an engine without user namespaces and back, with its files, beside those that run on', async () => {
  const early = await lab.run('early', ofProject('over', { Binds: ['data:/v'] }))
  const stays = await lab.run('stays', ofProject('over', { Binds: ['data:/v'] }))
  const namespace = await namespaceOf(stays)
  const all = 'cat /own /v/own 2>/dev/null; stat -c %u:%g /own /v/own'
  const write = (text: string) =>
    `for f in /own /v/own; do echo ${text} >> $f && chown 33:34 $f; done; ${all}`
  const owners = '33:34\n33:34\n'
  expect((await lab.exec(early, write('1'))).out).toBe(`1\n1\n${owners}`)
  for (const [userNamespaces, text, seen] of [
    ['host', '2', '1\n2\n1\n2\n'],
    ['project', '3', '1\n2\n3\n1\n2\n3\n'],
  ] as const) {
    await lab.engine.containers.stop(early, { timeout: 0 })
    await lab.reopen(undefined, { userNamespaces })
    await lab.engine.containers.start(early, {})
    const isMapped = userNamespaces === 'project'
    expect((await namespaceOf(early)) === namespace).toBe(isMapped)
    expect((await lab.exec(early, write(text))).out).toBe(`${seen}${owners}`)
    // One that runs on is what it was, and who joins it can use what is its.
    expect(await lab.exec(stays, 'cat /v/own | wc -l; id -u')).toEqual({ out: `${text}\n0\n`, code: 0 })
    const joiner = await lab.run(`joins${text}`, ofProject('over', { NetworkMode: 'container:stays' }))
    expect((await lab.exec(joiner, 'ping -c 1 -W 5 127.0.0.1')).code).toBe(0)
    expect(await namespaceOf(stays)).toBe(namespace)
  }
})

describe("the host's user namespace", () => {
  test.each<[string, HostConfig, RegExp]>([
    ['privileged', { Privileged: true }, /privileged/],
    ["the host's network", { NetworkMode: 'host' }, /network/],
    ['a capability of the host', { CapAdd: ['SYS_ADMIN'] }, /SYS_ADMIN/],
    ["the host's processes", { PidMode: 'host' }, /pid namespace/],
    ["the host's ipc", { IpcMode: 'host' }, /ipc namespace/],
    ["the host's groups", { CgroupnsMode: 'host' }, /cgroup namespace/],
    ['nodes that it makes', { CapAdd: ['MKNOD'] }, /MKNOD/],
    ['device rules', { DeviceCgroupRules: ['c 1:3 rwm'] }, /device rules/],
    [
      'a device elsewhere',
      { Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/opt/null', CgroupPermissions: 'rwm' }] },
      /\/opt\/null/,
    ],
    ['a file system without maps', { Binds: ['/sys/kernel:/k:ro'] }, /"\/sys\/kernel" cannot map ids/],
  ])('is had with %s, and why is told once', async (_, host, why) => {
    const id = await lab.run('fallback', ofProject('fallback', host))
    expect(await namespaceOf(id)).toBe(readlinkSync('/proc/self/ns/user'))
    expect(await idsOf(id)).toEqual({ Reason: expect.stringMatching(why) })
    const told = () => lab.warnings.filter(({ code }) => code === 'USERNS_HOST')
    expect(told().map(({ summary }) => summary)).toEqual([expect.stringMatching(why)])
    await lab.engine.containers.restart(id, { timeout: 0 })
    expect(told()).toHaveLength(1)
  })

  test('is had by who joins the ipc namespace of one with ids of its own, and both write their shared memory', async () => {
    const mapped = await lab.run('shares', ofProject('shares', { IpcMode: 'shareable', ShmSize: 1 << 20 }))
    const joins = await lab.run(
      'joins',
      ofProject('shares', { IpcMode: `container:${mapped}`, Privileged: true }),
    )
    expect(await lab.exec(mapped, 'stat -c "%u:%g %a" /dev/shm; umask 0; echo own > /dev/shm/own')).toEqual({
      out: '0:0 1777\n',
      code: 0,
    })
    const line = 'cat /dev/shm/own; umask 0; echo more >> /dev/shm/own && echo host > /dev/shm/host'
    expect(await lab.exec(joins, line)).toEqual({ out: 'own\n', code: 0 })
    expect((await lab.exec(mapped, 'cat /dev/shm/own /dev/shm/host; df -k /dev/shm')).out).toMatch(
      /^own\nmore\nhost\n(.|\n)* 1024 /,
    )
  })

  test('is had by a user above the range', async () => {
    const { out } = await lab.sh('id -u', { ...ofProject('high'), User: '70000' })
    expect(out).toBe('70000\n')
  })

  test('is had by an image with ids above the range, of which its steps know', async () => {
    const dockerfile =
      'FROM bb\nRUN touch /of && chown 100000:100001 /of\nRUN stat -c %u:%g /of > /seen\nUSER 100000\n'
    await lab.build('high', dockerfile, {})
    const { Id } = await lab.engine.containers.create(
      { Image: 'high', ...ofProject('high') },
      { name: 'high' },
    )
    await lab.engine.containers.start(Id, {})
    expect(await lab.exec(Id, 'id -u; cat /seen; stat -c %u:%g /of')).toEqual({
      out: '100000\n100000:100001\n100000:100001\n',
      code: 0,
    })
    expect(await idsOf(Id)).toEqual({ Reason: expect.stringContaining('100000') })
  })

  test('is had where it was asked for, and nothing is told', async () => {
    const id = await lab.run('asked', ofProject('asked', { UsernsMode: 'host' }))
    expect(await namespaceOf(id)).toBe(readlinkSync('/proc/self/ns/user'))
    expect(lab.warnings).toEqual([])
    const { HostConfig } = await lab.engine.containers.inspect(id, { size: false })
    expect(HostConfig.UsernsMode).toBe('host')
  })
})
