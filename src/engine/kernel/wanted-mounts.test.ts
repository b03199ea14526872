import { expect, test } from 'vitest'
import type { InsideOp } from '../../native/index.ts'
import { mountedOf } from './mounts.test-support.ts'
import { programOf, wantedMounts } from './wanted-mounts.ts'

test('the part of a program that puts one mount back has what its slot needs, and no more', () => {
  const program = mountedOf({
    userNamespace: { path: '/proc/1/fd/9', pid: 1, startTime: 2n, first: 100_000 },
    mounts: [
      { kind: 'volume', source: '/v/data', subpath: 'part', target: '/data' },
      { kind: 'bind', source: '/srv', target: '/srv' },
    ],
  })
  const move = program.inside.find(op => op.op === 'moveMount' && op.target === '/data') as InsideOp
  const { setup, outside, inside } = programOf(program, [move])
  expect(setup.map(({ op }) => op)).toEqual(['openUserns'])
  expect(outside).toMatchObject([
    { op: 'open', path: '/v/data' },
    { op: 'openTree', path: 'part' },
  ])
  expect(inside).toEqual([move])
})

test('sizes are known in bytes, and attributes that are set later count', () => {
  const wanted = wantedMounts(
    mountedOf({
      root: { layers: ['/l'], upper: '/c/upper', work: '/c/work', readonly: true },
      mounts: [{ kind: 'tmpfs', target: '/tmp', options: ['size=2m', 'exec'] }],
      shmSize: 4096,
    }),
  )
  const at = (target: string) => wanted.find(each => each.target === target)
  expect(at('/tmp')).toMatchObject({ of: { size: 2 << 20 }, attributes: ['nosuid', 'nodev'] })
  expect(at('/dev/shm')).toMatchObject({ of: { size: 4096 } })
  expect(at('/')).toMatchObject({ attributes: ['ro'] })
})
