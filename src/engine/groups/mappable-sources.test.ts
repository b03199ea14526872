import { expect, it } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { RecordingNative } from '../../native/recording.ts'
import { MappableSources, mountedBelow } from './mappable-sources.ts'

const MOUNTS = `22 1 254:0 / / rw - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:30 / /srv/a\\040b rw - tmpfs tmpfs rw
25 24 0:31 / /srv/a\\040b/c rw - tmpfs tmpfs rw
26 22 0:30 / /srvs rw - tmpfs tmpfs rw
`

it('what is mounted below a source is known by its devices', () => {
  expect(mountedBelow('/srv', MOUNTS)).toEqual(['0:30', '0:31'])
  expect(mountedBelow('/srv/a b', MOUNTS)).toEqual(['0:31'])
  expect(mountedBelow('/home', MOUNTS)).toEqual([])
  expect(mountedBelow('/', MOUNTS)).toEqual(['0:21', '0:30', '0:31', '254:0'])
})

it('a file system is asked once', async () => {
  const native = new RecordingNative()
  const sources = new MappableSources(native)
  const namespace = async () => ({ path: '/proc/1/ns/user', pid: 1, startTime: 1n, first: 7 })
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
  const namespace = async () => ({ path: '/proc/1/ns/user', pid: 1, startTime: 1n, first: 7 })
  await expect(sources.takesMap('/usr', namespace)).rejects.toThrow('gone')
  await expect(sources.takesMap('/usr', namespace)).rejects.toThrow('gone')
  expect(native.programs('run')).toHaveLength(2)
})
