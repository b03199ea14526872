import { expect, test } from 'vitest'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { Project, Service } from '../../model/index.ts'
import { watchRules } from './rules.ts'

async function read(services: Readonly<Record<string, Service>>, named: readonly string[] = []) {
  const warnings: Diagnostic[] = []
  const project = { model: { services } } as unknown as Project
  const rules = await watchRules(project, named, found => warnings.push(...found))
  return {
    rules: rules.map(({ service, root, action, target }) => ({ service, root, action, target })),
    codes: warnings.map(({ code }) => code),
  }
}

const PLAIN = { image: 'x', command: null, entrypoint: null } as const

const web: Service = {
  ...PLAIN,
  develop: {
    watch: [
      { path: '/nowhere/src', action: 'sync', target: '/app/' },
      { path: '/nowhere/conf', action: 'restart' },
    ],
  },
}

test('rules are those of all services, or of those that are named', async () => {
  expect((await read({ web, other: PLAIN })).rules).toEqual([
    { service: 'web', root: '/nowhere/src', action: 'sync', target: '/app/' },
    { service: 'web', root: '/nowhere/conf', action: 'restart', target: undefined },
  ])
  for (const named of [['other'], []])
    await expect(read({ other: PLAIN }, named)).rejects.toMatchObject({ code: 'WATCH_NO_RULES' })
})

test('what is mounted is not copied, and said', async () => {
  const volumes = [{ type: 'bind', source: '/nowhere', target: '/app' }] as const
  const { rules, codes } = await read({ web: { ...web, volumes } })
  expect(rules.map(({ action }) => action)).toEqual(['restart'])
  expect(codes).toEqual(['WATCH_MOUNTED'])
  const beside = [{ type: 'bind', source: '/nowhere/src2', target: '/app' }] as const
  expect((await read({ web: { ...web, volumes: beside } })).codes).toEqual([])
})

test('a service without build is not rebuilt', async () => {
  const service: Service = { ...PLAIN, develop: { watch: [{ path: '/nowhere', action: 'rebuild' }] } }
  await expect(read({ service })).rejects.toMatchObject({ code: 'WATCH_NO_BUILD' })
})
