// `npm run test:defences [NUMBER…]`: takes each defence out of the sources, builds, and has the test of it fail; puts all back. Only in a
// checkout in which nothing else runs, as root.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ATTACK_DEFENCES } from '../test/e2e/attacks/defences.ts'
import { FAULT_DEFENCES } from '../test/e2e/faults/defences.ts'
import type { Defence, Removal } from '../test/e2e/harness/defence.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-defences-'))
const report = join(folder, 'report.json')

/** Applies removals while `body` runs. */
function without(removals: readonly Removal[], body: () => string): string {
  const before = new Map(removals.map(({ file }) => [file, readFileSync(file, 'utf8')]))
  try {
    for (const { file, piece, instead } of removals)
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll(piece, () => instead),
      )
    return body()
  } finally {
    for (const [file, text] of before) writeFileSync(file, text)
  }
}

function needsBuild({ built, without: removals }: Defence): boolean {
  return built === true || removals.some(({ file }) => file.startsWith('native/'))
}

function build(): void {
  execFileSync('bash', ['tools/build.sh'], { stdio: 'pipe' })
}

/** Whether the test notices: `fails` is what is wanted. */
function outcome(defence: Defence): string {
  const [file, name] = defence.test
  if (needsBuild(defence))
    try {
      build()
    } catch {
      return 'CANNOT BE BUILT'
    }
  writeFileSync(report, '{"success":false,"numFailedTests":0,"numPassedTests":0}')
  const words = ['vitest', 'run', '--reporter=json', `--outputFile=${report}`, file]
  spawnSync('npx', name === '' ? words : [...words, '-t', name], { stdio: 'ignore' })
  const { success, numFailedTests, numPassedTests } = JSON.parse(readFileSync(report, 'utf8')) as {
    readonly success: boolean
    readonly numFailedTests: number
    readonly numPassedTests: number
  }
  // A bomb takes the process along that has the test.
  if (!success) return numFailedTests > 0 ? 'fails' : 'cannot be run to its end'
  return numPassedTests > 0 ? 'PASSES' : 'HAS NO SUCH TEST'
}

const wanted = process.argv.slice(2)
const chosen = [...ATTACK_DEFENCES, ...FAULT_DEFENCES].filter(
  ({ number }) => wanted.length === 0 || wanted.includes(number),
)
let unnoticed = 0
let isInterrupted = false
// What runs meanwhile hears it too and ends; the sources have to be put back.
process.on('SIGINT', () => {
  isInterrupted = true
})
for (const defence of chosen) {
  // Signals are heard between pieces of work alone.
  await setImmediate()
  if (isInterrupted) break
  const came = without(defence.without, () => outcome(defence))
  if (!/^(fails|cannot be run)/.test(came)) unnoticed += 1
  console.log(`${defence.number}, ${defence.what}: taken out, ${defence.test[0]} ${came}`)
}
rmSync(folder, { recursive: true })
if (chosen.some(needsBuild)) build()
process.exitCode = unnoticed === 0 && !isInterrupted ? 0 : 1
