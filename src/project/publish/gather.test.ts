import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../oci/digest-of.ts'
import { openModel } from '../model.ts'
import { gatherFiles } from './gather.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-publish-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** Kind, name and text of what is gathered. */
async function gathered(...files: string[]): Promise<string[][]> {
  const project = await openModel({ cwd: folder, env: {}, files: files.map(file => join(folder, file)) })
  return gatherFiles(project).map(({ kind, name, content }) => [kind, name, String(content)])
}

const nameOf = (text: string, ending: string): string => `${digestOf(text).slice(7)}.${ending}`

test('Compose files are as they are, in their order, but for the names of others', async () => {
  const env = nameOf('A=1\n', 'env')
  write({
    'compose.yaml': `name: p # kept
services:
  web:
    image: a
    env_file: "sub/a.env" # kept, too
  job: {image: a, env_file: [{path: ./sub/a.env}, {path: none.env, required: false}]}
`,
    'over.yaml': 'services: {web: {label_file: sub/a.env}}\n',
    'sub/a.env': 'A=1\n',
  })
  expect(await gathered('compose.yaml', 'over.yaml')).toEqual([
    [
      'compose',
      'compose.yaml',
      `name: p # kept
services:
  web:
    image: a
    env_file: ${env} # kept, too
  job: {image: a, env_file: [{path: ${env}}, {path: none.env, required: false}]}
`,
    ],
    ['compose', 'over.yaml', `services: {web: {label_file: ${env}}}\n`],
    ['variables', env, 'A=1\n'],
  ])
})

test('a file that is extended brings those that it names, from its own folder', async () => {
  const base = `services: {base: {image: a, env_file: ${nameOf('B=2\n', 'env')}}}\n`
  write({
    'compose.yaml': `x-common: &common
  extends: {file: sub/base.yaml, service: base}
services:
  web: {<<: *common}
`,
    'sub/base.yaml': 'services: {base: {image: a, env_file: b.env}}\n',
    'sub/b.env': 'B=2\n',
  })
  const [composed, ...others] = await gathered('compose.yaml')
  expect(composed?.[2]).toContain(`extends: {file: ${nameOf(base, 'yaml')}, service: base}`)
  expect(others).toEqual([
    ['extended', nameOf(base, 'yaml'), base],
    ['variables', nameOf('B=2\n', 'env'), 'B=2\n'],
  ])
})

describe('is refused', () => {
  const refused = expect.objectContaining({ code: 'PUBLISH_UNFIT' })

  test('an include of a file of this machine', async () => {
    write({
      'compose.yaml': 'include: [{path: [other.yaml]}]\n',
      'other.yaml': 'services: {a: {image: a}}\n',
    })
    await expect(gathered('compose.yaml')).rejects.toEqual(refused)
  })

  test('a name that is a variable', async () => {
    write({ 'compose.yaml': 'services: {a: {image: a, env_file: "${F:-a.env}"}}\n', 'a.env': 'A=1\n' })
    await expect(gathered('compose.yaml')).rejects.toEqual(refused)
  })
})
