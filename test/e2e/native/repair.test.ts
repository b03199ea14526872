// What `run` programs read of a running container, and put right in it, on the real kernel.
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseMountinfo } from '../../../src/linux/mountinfo.ts'
import type { ProcessOfThisBoot } from '../../../src/linux/process-identity.ts'
import {
  firstProcessOf,
  type InsideOp,
  type OutsideOp,
  placesInside,
  readTexts,
} from '../../../src/native/index.ts'
import { dumpAddresses, dumpLinks, parseAddresses, parseLinks } from '../../../src/network/netlink/index.ts'
import { failing, NativeLab } from './native-lab.ts'

let lab: NativeLab
let first: ProcessOfThisBoot
beforeEach(async () => {
  lab = new NativeLab()
  const inside: readonly InsideOp[] = [
    { op: 'mount', type: 'tmpfs', options: ['size=1048576'], attributes: ['nosuid'], target: '/tmp' },
    { op: 'symlink', path: '/way', target: '/tmp/../../../../tmp' },
  ]
  const connection = await lab.monitor({ argv: ['sleep', '1000'], inside })
  await connection.start()
  first = firstProcessOf(lab.status())
})
afterEach(async () => {
  await lab.close()
})

const mountsAt = (place: string) =>
  parseMountinfo(readFileSync(`/proc/${first.pid}/mountinfo`, 'utf8')).filter(
    ({ mountpoint }) => mountpoint === place,
  )

const enter = (mapped = false): OutsideOp => ({ op: 'enter', ...first, mapped })

describe('a running container', () => {
  test('gets a mount of the host, another one away, and options back', async () => {
    mkdirSync(lab.path('source'))
    writeFileSync(lab.path('source/file'), 'of the host')
    await lab.native.run({
      outside: [{ op: 'openTree', slot: 0, path: lab.path('source'), recursive: false }, enter()],
      inside: [{ op: 'moveMount', slot: 0, target: '/way/made/here', create: 'folder' }],
    })
    expect(mountsAt('/tmp/made/here')).toHaveLength(1)
    expect(readFileSync(`/proc/${first.pid}/root/tmp/made/here/file`, 'utf8')).toBe('of the host')
    const away = {
      op: 'unmount',
      target: '/way/made/here',
      mount: mountsAt('/tmp/made/here')[0]?.id ?? 0,
    } as const
    const other = { ...away, target: '/way' }
    const { errno } = await failing(lab.native.run({ outside: [enter()], inside: [other] }))
    expect(errno).toBe('ENOENT')
    await lab.native.run({ outside: [enter()], inside: [away] })
    expect(mountsAt('/tmp/made/here')).toEqual([])

    const change = { op: 'changeMount', target: '/way', mount: mountsAt('/tmp')[0]?.id ?? 0 } as const
    await lab.native.run({
      outside: [enter()],
      inside: [{ ...change, attributes: ['ro', 'noexec'], options: ['size=2097152'] }],
    })
    expect(mountsAt('/tmp')[0]).toMatchObject({
      attributes: expect.arrayContaining(['ro', 'noexec', 'nosuid']),
      options: expect.arrayContaining(['size=2048k']),
    })
    await lab.native.run({ outside: [enter()], inside: [{ ...change, cleared: ['ro'] }] })
    expect(mountsAt('/tmp')[0]?.attributes).not.toContain('ro')
  })

  test('has its own names and sysctls, which are read and set', async () => {
    const keys = ['kernel.hostname', 'net.ipv4.ip_default_ttl', 'kernel.shmmni', 'net.none']
    const read = async (): Promise<string[]> =>
      String((await lab.native.run({ setup: [{ op: 'readSysctls', ...first, keys }] })).outputs[0]).split(
        '\0',
      )
    const host = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')
    await lab.native.run({
      outside: [enter()],
      inside: [
        { op: 'hostname', name: 'again' },
        { op: 'sysctl', key: 'net.ipv4.ip_default_ttl', value: '77' },
        { op: 'sysctl', key: 'kernel.shmmni', value: '99' },
      ],
    })
    expect(await read()).toEqual(['again\n', '77\n', '99\n', '', ''])
    expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')).toBe(host)
    // Nothing outside of /proc/sys has a name.
    const { outputs } = await lab.native.run({
      setup: [{ op: 'readSysctls', ...first, keys: ['...self/status'] }],
    })
    expect(String(outputs[0])).toBe('\0')
  })

  test('has files that are read in one go, lines of them, and files that are known by their place', async () => {
    const folder = `/proc/${first.pid}`
    mkdirSync(lab.path('files/here'), { recursive: true })
    writeFileSync(lab.path('files/one'), 'first\nsecond')
    const places = { op: 'statFiles', paths: [lab.path('files'), lab.path('files/one')] } as const
    const look = async () =>
      (
        await lab.native.run({
          setup: [
            { op: 'readFiles', ...first, folder, names: ['cgroup', 'none'] },
            { op: 'readFiles', folder, names: ['status'], lines: ['NoNewPrivs', 'Seccomp:'] },
            { op: 'readFiles', folder: lab.path('files'), names: ['here', 'one', 'one/x'] },
            { op: 'readFiles', folder: lab.path('files/gone'), names: ['one'] },
            places,
          ],
        })
      ).outputs
    const [process, status, files, gone, before] = await look()
    expect(readTexts(process as Buffer)).toEqual([readFileSync(`${folder}/cgroup`, 'utf8'), undefined])
    expect(readTexts(status as Buffer)).toEqual([expect.stringMatching(/^NoNewPrivs:\t\d\nSeccomp:\t\d\n$/)])
    expect(readTexts(files as Buffer)).toEqual([undefined, 'first\nsecond', undefined])
    expect(readTexts(gone as Buffer)).toEqual([undefined])
    expect((await look())[4]).toEqual(before)
    // Another file takes the name: the number of the old one, which somebody has open, is taken.
    const open = openSync(lab.path('files/one'), 'r')
    writeFileSync(lab.path('files/new'), 'third')
    renameSync(lab.path('files/new'), lab.path('files/one'))
    expect((await look())[4]).not.toEqual(before)
    rmSync(lab.path('files/one'))
    expect((await look())[4]).toHaveLength(0)
    closeSync(open)
  })

  test('tells which files its mounts lead to, and whether they may be written there', async () => {
    const { ino } = statSync(`/proc/${first.pid}/root/tmp`, { bigint: true })
    const look = async (...paths: string[]) =>
      (await lab.native.run({ setup: [{ op: 'statInside', pid: first.pid, paths }] })).outputs[0] as Buffer
    const places = placesInside(await look('/tmp', '/dev/null'))
    expect(places.map(({ isFolder, isReadonly }) => [isFolder, isReadonly])).toEqual([
      [true, false],
      [false, false],
    ])
    expect(places[0]?.file.readBigUInt64LE(8)).toBe(ino)
    expect(await look('/tmp', '/none')).toHaveLength(0)
    expect(await look()).toHaveLength(0)
  })

  test('gets its limits back', async () => {
    await lab.native.run({ outside: [{ op: 'setLimit', ...first, resource: 7, soft: 33n, hard: 44n }] })
    expect(readFileSync(`/proc/${first.pid}/limits`, 'utf8')).toMatch(/^Max open files +33 +44 /m)
  })

  test('is never another one that has only the same pid', async () => {
    const other = { ...first, startTime: 1n }
    const errors = [
      { outside: [{ op: 'enter', ...other, mapped: false }] },
      { outside: [{ op: 'setLimit', ...other, resource: 7, soft: 1n, hard: 1n }] },
    ] as const
    for (const program of errors)
      expect(await failing(lab.native.run(program))).toMatchObject({ code: 'CONTAINER_NOT_RUNNING' })
    // One of many may have ended meanwhile.
    const { outputs } = await lab.native.run({
      setup: [
        { op: 'readSysctls', ...other, keys: ['kernel.hostname'] },
        { op: 'readFiles', ...other, folder: '/proc/self', names: ['status'] },
      ],
    })
    expect(outputs).toEqual([])
  })

  test('is looked at by lists of the kernel’s of which no more comes than is wanted', async () => {
    const status = lab.status()
    const netns = {
      op: 'openNetns',
      path: `/proc/${status.monitorPid}/ns/net`,
      pid: status.monitorPid,
      startTime: status.monitorStartTime,
    } as const
    const asked = [dumpLinks(), dumpAddresses()].flatMap(listing =>
      [listing, { bytes: listing.bytes }].flatMap(each =>
        (['host', 'container'] as const).map(
          place => ({ op: 'netlinkDump', netns: place, ...each }) as const,
        ),
      ),
    )
    const { outputs } = await lab.native.run({ setup: [netns, ...asked] })
    const [links = [], addresses = []] = [
      outputs.slice(0, 4).map(parseLinks),
      outputs.slice(4).map(parseAddresses),
    ]
    for (const [read, at] of [
      [links, 0],
      [addresses, 4],
    ] as const) {
      expect(read[0]?.length).toBeGreaterThan(0)
      expect(read.slice(0, 2)).toEqual(read.slice(2))
      for (const place of [0, 1])
        expect(outputs[at + place]?.length).toBeLessThan(outputs[at + 2 + place]?.length ?? 0)
    }
  })

  test('has its monitor tell of a child by its name, of nobody, and of nothing where it has ended', async () => {
    const { monitorPid: pid, pid: child } = lab.status()
    const name = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0')[0] ?? ''
    const find = (pid: number, name: string) => ({ op: 'findChild', pid, name }) as const
    const { outputs } = await lab.native.run({
      setup: [find(pid, name), find(pid, `${name}r`), find(pid, name.slice(1)), find(2 ** 22, name)],
    })
    expect(outputs.map(bytes => (bytes.length === 4 ? bytes.readUInt32LE() : undefined))).toEqual([
      child,
      0,
      0,
      undefined,
    ])
  })
})
