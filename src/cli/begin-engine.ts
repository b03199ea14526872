// The entry point of `tscomposed`, the engine. A thread of Node's takes twice as long to start as Node itself, so that of the command which
// has begun this process starts first, and the engine is loaded beside it.
import { join } from 'node:path'
import { statePaths } from '../project/state-paths.ts'
import { Hands } from './host/hands.ts'

process.title = 'tscomposed'
const [, script = '', , build = '', awaited] = process.argv
const { root, run } = statePaths(process.env)
const hands = new Hands({ script, folder: join(run, 'commands'), root, run, onTrouble: log })
if (awaited !== undefined) hands.prepare(awaited)
const loaded = import('./engine.ts')

/** `--check`: load everything and end. The build makes the code cache of a start with it. */
if (!process.argv.includes('--check'))
  void loaded.then(({ startEngine }) =>
    startEngine({ script, build, hands, isAwaited: awaited !== undefined, log }),
  )

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`)
}
