import { describe, expect, test } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import type { MountRecord } from '../state/container-record.ts'
import { relabellings, sharedTrees } from './relabel.ts'

const OWN = 'system_u:object_r:container_file_t:s0:c1,c2'
const SHARED = 'system_u:object_r:container_file_t:s0'
const mount = (type: MountRecord['type'], mode: string, source: string = '/srv/site'): MountRecord => ({
  type,
  source,
  destination: '/site',
  readonly: false,
  mode,
})

describe('what a container’s mounts are labelled as', () => {
  test.each<[MountRecord['type'], string, string | undefined]>([
    ['bind', '', undefined],
    ['bind', 'ro', undefined],
    ['bind', 'z', SHARED],
    ['bind', 'ro,Z', OWN],
    ['volume', '', SHARED],
    ['volume', 'nocopy', SHARED],
    ['volume', 'Z', OWN],
    ['tmpfs', '', undefined],
  ])('%s, mode %j', (type, mode, label) => {
    const found = relabellings([mount(type, mode)], OWN, path => path)
    expect(found).toEqual(label === undefined ? [] : [{ source: '/srv/site', label }])
  })

  test('is found behind links, and no place of the system, however it is called', () => {
    const to = (path: string) => relabellings([mount('bind', 'Z')], OWN, () => path)
    expect(to('/data/site')).toEqual([{ source: '/data/site', label: OWN }])
    expect(codeOfThrown(() => to('/usr'))).toBe('RELABEL_REFUSED')
  })

  test('is shared where an image is mounted as it lies on disk', () => {
    const image = { kind: 'image', target: '/i' } as const
    expect(sharedTrees([{ ...image, layers: ['/a'] }], OWN)).toEqual([{ source: '/a', label: SHARED }])
    expect(
      sharedTrees(
        [
          { ...image, layers: ['/a', '/b'] },
          { kind: 'tmpfs', target: '/t' },
        ],
        OWN,
      ),
    ).toEqual([])
  })
})
