import { expect, it } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { RecordingNative } from '../../native/recording.ts'
import { MappableSources, mountsOf } from './mappable-sources.ts'

const MOUNTS = `22 1 254:0 / / rw - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:30 / /srv/a\\040b rw - tmpfs tmpfs rw
25 24 0:31 / /srv/a\\040b/c rw - tmpfs tmpfs rw
26 22 0:30 / /srvs rw - tmpfs tmpfs rw
27 22 0:32 / /srvs rw - overlay overlay rw
`
const numbersOf = (path: string): string[] => mountsOf(path, MOUNTS).map(line => line.slice(0, 2))

it('a source is known by the mount that shows there, and those below it', () => {
  expect(numbersOf('/srv')).toEqual(['22', '24', '25'])
  expect(numbersOf('/srv/a b')).toEqual(['24', '25'])
  expect(numbersOf('/srv/a b/x')).toEqual(['24'])
  expect(numbersOf('/srvs/data')).toEqual(['27'])
  expect(numbersOf('/home')).toEqual(['22'])
  expect(numbersOf('/')).toEqual(['22', '23', '24', '25', '26', '27'])
})

const namespace = async () => ({ path: '/proc/1/ns/user', pid: 1, startTime: 1n, first: 7 })

it('what is mounted where another was, of the same number, is asked again; what stays is not', async () => {
  const root = '22 1 254:0 / / rw - ext4 /dev/vda rw\n'
  let mounts = `${root}24 22 0:30 / /usr/lib rw - tmpfs tmpfs rw\n`
  const native = new RecordingNative()
  const sources = new MappableSources(native, () => mounts)
  const ask = async () => {
    for (const source of ['/usr/lib', '/etc']) await sources.takesMap(source, namespace)
    return native.programs('run').length
  }
  expect([await ask(), await ask()]).toEqual([2, 2])
  mounts = `${root}24 22 0:30 / /usr/lib rw - overlay overlay rw\n`
  expect([await ask(), await ask()]).toEqual([3, 3])
})

it('a file system is asked once', async () => {
  const native = new RecordingNative()
  const sources = new MappableSources(native)
  expect(await sources.takesMap('/usr', namespace)).toBe(true)
  expect(await sources.takesMap('/usr', namespace)).toBe(true)
  expect(native.programs('run')).toHaveLength(1)
})

it('what else goes wrong is no refusal, and asked again', async () => {
  const native = new RecordingNative({
    run: () => {
      throw failure({ code: 'NATIVE_DIED', summary: 'gone' })
    },
  })
  const sources = new MappableSources(native)
  await expect(sources.takesMap('/usr', namespace)).rejects.toThrow('gone')
  await expect(sources.takesMap('/usr', namespace)).rejects.toThrow('gone')
  expect(native.programs('run')).toHaveLength(2)
})
