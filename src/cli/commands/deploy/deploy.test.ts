import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type CliResult, runInProcess } from '../../run.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-deploy-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'compose.yaml'), 'name: shop\nservices: {web: {image: r/web:1}}\n')

/** Nobody's kubeconfig is read. */
const run = (argv: readonly string[]): Promise<CliResult> => runInProcess(argv, folder, { HOME: folder })

test.each([
  ['deploy'],
  ['deploy', 'plan'],
  ['deploy', 'ps'],
  ['deploy', 'logs'],
  ['deploy', 'scale', 'web=1'],
  ['deploy', 'down'],
])('%s %s needs to know the cluster', async (...words) => {
  const { status, stderr } = await run([...words, '--to', 'kubernetes'])
  expect(status).toBe(1)
  expect(stderr).toContain('KUBERNETES_CONFIG')
})

test('a file, and a context of it, are chosen by options', async () => {
  writeFileSync(join(folder, 'config'), 'contexts: [{name: a, context: {cluster: none}}]\n')
  const { stderr } = await run([
    'deploy',
    '--to',
    'kubernetes',
    ...['--kubeconfig', 'config', '--context', 'a'],
  ])
  expect(stderr).toContain('context "a": cluster "none" is not there')
})
