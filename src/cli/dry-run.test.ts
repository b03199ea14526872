// A preview changes nothing: who cannot give one refuses.
import { expect, test } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { dryRunOf } from './dry-run.ts'
import { runInProcess } from './run.test-support.ts'

/** As many words as a command wants, all of them nonsense. */
const wordsOf = (positionals: string): readonly string[] =>
  positionals.split(' ').flatMap(word => (word.startsWith('<') ? ['nosuch'] : []))

test('it is known of every command what becomes of it', () => {
  expect(COMMANDS.map(({ name }) => name).filter(name => dryRunOf(name) === undefined)).toEqual([])
})

test.each(
  COMMANDS.filter(({ name }) => dryRunOf(name) === 'refuses').map(({ name, arguments: words }) => [
    name,
    wordsOf(words),
  ]),
)('%s is refused before it does anything, wherever the flag stands', async (name, words) => {
  const command = String(name).split(' ')
  for (const argv of [
    ['--dry-run', ...command, ...words],
    [...command, '--dry-run', ...words],
  ]) {
    const { status, stdout, stderr } = await runInProcess(argv, '/nosuch', {
      DOCKER_HOST: 'unix:///nosuch.sock',
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('DRY_RUN_REFUSED')
  }
})

test.each(['config', 'plan', 'schema'])('%s writes no file', async name => {
  const { status, stderr } = await runInProcess([name, '--dry-run', '-o', '/nosuch/file'], '/nosuch', {})
  expect(status).toBe(1)
  expect(stderr).toContain('DRY_RUN_REFUSED')
})

test('what only looks is as without the flag', async () => {
  expect((await runInProcess(['--dry-run', 'version'], '/', {})).status).toBe(0)
})
