import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Turns } from '../../linux/turns.ts'
import { writeNames } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { NamesWriter } from './names-writer.ts'

let root = ''
let run = ''
let networks: object[] = []
let warnings: string[] = []
let containers: object[] = []
let turns = new Turns()
let written: string[] = []
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsc-names-'))
  run = join(root, 'run')
  networks = []
  warnings = []
  containers = []
  written = []
})
afterEach(() => rm(root, { recursive: true, force: true }))

interface ServiceSketch {
  readonly aliases?: readonly string[]
  readonly Hostname?: string
  readonly 'com.docker.compose.oneoff'?: string
}

function service(
  project: string,
  name: string,
  { aliases = [name], Hostname, ...labels }: ServiceSketch = {},
): object {
  const endpoint = {
    networkId: 'n',
    networkName: 'front',
    aliases,
    addresses: ['172.18.0.2/24'],
    wanted: {},
  }
  const Labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': name, ...labels }
  const record = { config: { Labels, Hostname }, endpoints: [endpoint] }
  return {
    id: `${project}${name}`,
    name: `${project}-${name}-1`,
    record,
    terms: { security: {}, network: {} },
    holdsAddresses: true,
    removing: false,
  }
}

function writer(): NamesWriter {
  const table = {
    values: () => containers.values(),
    find: () => undefined,
    get size() {
      return containers.length
    },
  } as unknown as ContainerTable
  const named = {
    containers: table,
    networks: { find: () => undefined, standing: () => networks as never },
    turns,
    warn: ({ code }: { code: string }) => void warnings.push(code),
  }
  return new NamesWriter({ root, run }, named, (...args) => {
    written.push(args[1])
    return writeNames(...args)
  })
}

const fileOf = (id: string): Promise<string> => readFile(join(run, 'networks', id, 'names'), 'utf8')

test('a project’s file says whose reader it is, and what the project calls its own', async () => {
  containers = [service('lamp', 'web'), service('shop', 'db')]
  await writer().update(['n'])
  expect(await fileOf('project-lamp')).toBe('names 1\no lamp\ng lamp\nk lamp-web-1\nk web\nk web.lamp\n')
  expect(await fileOf('n')).toMatch(/^names 1\ng lamp\na [^g]+g shop\na /)
})

test('it is written when names change alone, and goes with the project’s last container', async () => {
  const names = writer()
  containers = [service('lamp', 'web')]
  await names.update(['n'])
  await names.update(['n'])
  expect(written.filter(id => id === 'project-lamp')).toHaveLength(1)
  containers.push(service('lamp', 'db'))
  await names.update(['n'])
  expect(await fileOf('project-lamp')).toContain('\nk db\n')
  containers = containers.map(each => ({ ...each, holdsAddresses: false }))
  await names.update([])
  expect(await fileOf('project-lamp')).toContain('\nk db\n')
  containers = []
  await names.update([])
  expect(await readdir(join(run, 'networks'))).toEqual(['n'])
})

describe('a service that has no container any more', () => {
  const [web, db] = [
    service('lamp', 'web'),
    service('lamp', 'db', { aliases: ['db', 'Store'], Hostname: 'sql.lan' }),
  ]
  /** What the project's file tells that is not of its service `web`. */
  const others = async (): Promise<string[]> =>
    (await fileOf('project-lamp')).match(/(?<=^k )(?!\S*web)\S+$/gm) ?? []
  const LEFT = [
    ...['db', 'db.front', 'db.lamp', 'lamp-db-1', 'lamp-db-1.front', 'sql.lan', 'sql.lan.front'],
    ...['store', 'store.front', 'store.lamp'],
  ]
  const removeDb = async (names: NamesWriter): Promise<void> => {
    containers = [web, db]
    await names.update(['n'])
    containers = [web]
    await names.update(['n'])
  }

  test('keeps its names, aliases and host name too, while the project has another, also in the next engine and after a reboot', async () => {
    await removeDb(writer())
    expect(await others()).toEqual(LEFT)
    await rm(run, { recursive: true })
    const next = writer()
    await next.sweep()
    await next.update(['n'])
    expect(await others()).toEqual(LEFT)
    containers = []
    await next.update([])
    containers = [web]
    await next.update(['n'])
    expect(await others()).toEqual([])
    expect(await readdir(join(root, 'names'))).toEqual([])
  })

  test('keeps them while the project has a network of its own, where all containers are removed', async () => {
    networks = [{ labels: { 'com.docker.compose.project': 'lamp' } }]
    const names = writer()
    await removeDb(names)
    containers = []
    await names.update(['n'])
    expect(await readdir(join(run, 'networks'))).toEqual(['n'])
    containers = [web]
    await names.update(['n'])
    expect(await others()).toEqual(LEFT)
    containers = []
    await names.update(['n'])
    networks = []
    await names.remove('n')
    expect(await readdir(join(root, 'names'))).toEqual([])
  })

  test('loses them when the project has no such service any more, and when it has a container that is called otherwise', async () => {
    const names = writer()
    containers = [web, db]
    await names.update(['n'])
    containers = [web]
    names.forget(db as Pick<Container, 'record'>)
    await names.update(['n'])
    expect(await others()).toEqual([])
    await removeDb(names)
    containers = [web, service('lamp', 'db')]
    await names.update(['n'])
    expect(await others()).toEqual(['db', 'db.lamp', 'lamp-db-1'])
  })

  test('keeps its name where its last container was on no network', async () => {
    const names = writer()
    containers = [
      web,
      { ...db, record: { config: (db as { record: { config: object } }).record.config, endpoints: [] } },
    ]
    await names.update(['n'])
    containers = [web]
    await names.update(['n'])
    expect(await others()).toEqual(['db', 'db.lamp'])
  })

  test('is none of those that `run` has made', async () => {
    const names = writer()
    const once = service('lamp', 'db', { 'com.docker.compose.oneoff': 'True' })
    containers = [web, once]
    await names.update(['n'])
    containers = [web]
    await names.update(['n'])
    expect(await others()).toEqual([])
  })

  test('is forgotten with a warning where its record cannot be read', async () => {
    await removeDb(writer())
    await writeFile(join(root, 'names', 'lamp.json'), '{')
    const next = writer()
    await next.update(['n'])
    expect([await others(), warnings]).toEqual([[], ['RECORD_BROKEN']])
  })
})

describe('names of services that have no container yet', () => {
  const own = async (): Promise<string[]> => (await fileOf('project-lamp')).match(/(?<=^k )\S+$/gm) ?? []
  const OF_WEB = ['lamp-web-1', 'web', 'web.lamp']

  test('are the project’s own from its first container on, also in the next engine, until others are told', async () => {
    await writer().tell('lamp', ['db', 'store'])
    const names = writer()
    expect(names.told('lamp')).toEqual(['db', 'store'])
    await names.update(['n'])
    containers = [service('lamp', 'web')]
    await names.update(['n'])
    expect(await own()).toEqual(['db', ...OF_WEB.slice(0, 1), 'store', ...OF_WEB.slice(1)])
    await names.tell('lamp', ['cache'])
    expect(await own()).toEqual(['cache', ...OF_WEB])
    await names.tell('lamp', [])
    expect([await own(), names.told('lamp'), await readdir(join(root, 'names'))]).toEqual([
      OF_WEB,
      undefined,
      [],
    ])
  })

  test('go with all that the project has', async () => {
    const names = writer()
    containers = [service('lamp', 'web')]
    await names.update(['n'])
    await names.tell('lamp', ['db'])
    containers = []
    await names.update(['n'])
    expect([names.told('lamp'), await readdir(join(root, 'names'))]).toEqual([undefined, []])
  })
})

test('what a killed engine has left of projects that are gone is swept', async () => {
  await writeNames(run, 'project-gone', [])
  await writeNames(run, 'n', [])
  containers = [service('lamp', 'web')]
  const names = writer()
  await names.update(['n'])
  await names.sweep()
  expect((await readdir(join(run, 'networks'))).sort()).toEqual(['n', 'project-lamp'])
})

test('an engine that has no folder of names yet has nothing to sweep', async () => {
  await expect(writer().sweep()).resolves.toBeUndefined()
})

test('while many start they are written once for several, and at once when nobody waits for his turn', async () => {
  turns = new Turns()
  containers = Array.from({ length: 100 }, (_, index) => service('lamp', `s${index}`))
  const names = writer()
  await names.update(['n'])
  written.length = 0
  const starts = Array.from({ length: 40 }, async () => {
    await turns.take(true)
    await names.update(['n'])
  })
  await Promise.all(starts)
  expect(written.filter(id => id === 'n').length).toBeLessThan(20)
  expect((await fileOf('n')).includes('a s99 ')).toBe(true)
})

test('who starts first of many waits for nobody', async () => {
  turns = new Turns()
  containers = Array.from({ length: 100 }, (_, index) => service('lamp', `s${index}`))
  const names = writer()
  let begun = 0
  const all = Array.from({ length: 40 }, async () => {
    await turns.take(true)
    begun += 1
    await names.update(['n'])
    return begun
  })
  expect(await Promise.race(all)).toBeLessThan(5)
  await Promise.all(all)
})
