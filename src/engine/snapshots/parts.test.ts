// Whose the volumes without a name are, by what snapshots have in them and leave out.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LeftOut } from '../../api/types/index.ts'
import type { Engine } from '../index.ts'
import { SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let saved = 0

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  engine = (await machine.open()).engine
})
afterEach(() => machine.end())

interface Made {
  readonly id: string
  readonly volume: string
}

/** A container of the image whose `Volumes` are /data, which takes another's over as an `up` has its replacement do. */
async function make(
  [project, service, number = '1']: readonly string[],
  before?: Made,
  VolumesFrom: string[] = [],
): Promise<Made> {
  const { Id: id } = await engine.containers.create(
    {
      Image: 'app:1',
      Labels: {
        'com.docker.compose.project': project ?? '',
        'com.docker.compose.service': service ?? '',
        'com.docker.compose.container-number': number,
        ...(before === undefined ? {} : { 'com.docker.compose.replace': `${project}-${service}-${number}` }),
      },
      HostConfig: {
        NetworkMode: 'none',
        VolumesFrom,
        ...(before === undefined
          ? {}
          : { Mounts: [{ Type: 'volume', Source: before.volume, Target: '/data' }] }),
      },
    },
    {},
  )
  if (before !== undefined)
    await engine.containers.remove(before.id, { force: true, volumes: true, link: false })
  const { Mounts } = await engine.containers.inspect(id, { size: false })
  return { id, volume: Mounts[0]?.Name ?? '' }
}

/** What a snapshot of the project has, and what it does not. */
async function partsOf(Project: string): Promise<[readonly string[], readonly LeftOut[]]> {
  saved += 1
  const { Snapshot, Left } = await engine.snapshots.save({ Project, Name: `number${saved}` })
  return [Snapshot.Volumes, Left]
}

test('stays that of the project whose container it was made for, however often that is replaced', async () => {
  const replicas = [await make(['shop', 'db', '1']), await make(['shop', 'db', '2'])]
  for (let round = 0; round < 3; round++) {
    expect(await partsOf('shop')).toEqual([['db/1:/data', 'db/2:/data'], []])
    const [first, second] = replicas
    replicas.splice(0, 2, await make(['shop', 'db', '1'], first), await make(['shop', 'db', '2'], second))
  }
  engine = (await machine.open()).engine
  expect(await partsOf('shop')).toEqual([['db/1:/data', 'db/2:/data'], []])
})

test('is taken once where others of the project mount it too, and is none of who borrows or names it', async () => {
  const db = await make(['shop', 'db'], await make(['shop', 'db']))
  await make(['shop', 'admin'], undefined, [db.id])
  expect(await partsOf('shop')).toEqual([['db/1:/data'], []])
  await make(['other', 'borrower'], undefined, [db.id])
  expect(await partsOf('other')).toEqual([[], [{ Kind: 'external', Name: db.volume }]])
  await make(['third', 'namer'], { ...db, id: (await make(['third', 'namer'])).id })
  expect(await partsOf('third')).toEqual([[], [{ Kind: 'external', Name: db.volume }]])
})

test('of an older engine is that of the container that was made with it, or of its replacement', async () => {
  let db = await make(['shop', 'db'])
  const path = machine.path('root/volumes', db.volume, 'record.json')
  const { project, ...older } = JSON.parse(readFileSync(path, 'utf8'))
  expect(project).toBe('shop')
  writeFileSync(path, JSON.stringify(older))
  engine = (await machine.open()).engine
  expect(await partsOf('shop')).toEqual([['db/1:/data'], []])
  db = await make(['shop', 'db'], db)
  expect(await partsOf('shop')).toEqual([['db/1:/data'], []])
  await make(['other', 'borrower'], undefined, [db.id])
  expect(await partsOf('other')).toEqual([[], [{ Kind: 'external', Name: db.volume }]])
})
