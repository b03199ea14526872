import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeNames } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import { NamesWriter } from './names-writer.ts'

let run = ''
let containers: object[] = []
let written: string[] = []
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'tsc-names-'))
  containers = []
  written = []
})
afterEach(() => rm(run, { recursive: true, force: true }))

function service(project: string, name: string): object {
  const endpoint = {
    networkId: 'n',
    networkName: 'front',
    aliases: [name],
    addresses: ['172.18.0.2/24'],
    wanted: {},
  }
  const Labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': name }
  const record = { config: { Labels }, endpoints: [endpoint] }
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
  const table = { values: () => containers.values(), find: () => undefined } as unknown as ContainerTable
  return new NamesWriter(run, { containers: table, networks: { find: () => undefined } }, (...args) => {
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

test('a service that has no container any more is the project’s, as long as the project has any, also for the next engine', async () => {
  const [web, db] = [service('lamp', 'web'), service('lamp', 'db')]
  const names = writer()
  containers = [web, db]
  await names.update(['n'])
  containers = [web]
  await names.update(['n'])
  const without = 'names 1\no lamp\ng lamp\nk db\nk db.lamp\nk lamp-web-1\nk web\nk web.lamp\n'
  expect(await fileOf('project-lamp')).toBe(without)
  const next = writer()
  await next.sweep()
  await next.update(['n'])
  expect(await fileOf('project-lamp')).toBe(without)
  containers = [web, db]
  await next.update(['n'])
  containers = [web]
  next.forget(db as Pick<Container, 'record'>)
  await next.update(['n'])
  expect(await fileOf('project-lamp')).not.toContain('k db')
  containers = [web, db]
  await next.update(['n'])
  containers = []
  await next.update([])
  containers = [web]
  await next.update(['n'])
  expect(await fileOf('project-lamp')).not.toContain('k db')
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
  await rm(run, { recursive: true })
  await expect(writer().sweep()).resolves.toBeUndefined()
})
