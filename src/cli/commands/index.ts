import type { CommandDefinition } from '../command.ts'
import { build } from './build/definition.ts'
import { config } from './config/definition.ts'
import { down } from './down/definition.ts'
import { exec } from './exec/definition.ts'
import { explain } from './explain/definition.ts'
import { kill } from './kill/definition.ts'
import { lint } from './lint/definition.ts'
import { logs } from './logs/definition.ts'
import { plan } from './plan/definition.ts'
import { port } from './port/definition.ts'
import { ps } from './ps/definition.ts'
import { restart } from './restart/definition.ts'
import { rm } from './rm/definition.ts'
import { schema } from './schema/definition.ts'
import { start } from './start/definition.ts'
import { stop } from './stop/definition.ts'
import { up } from './up/definition.ts'
import { version } from './version/definition.ts'

/** Every command, in the order of `--help`: the everyday ones first. */
export const COMMANDS: readonly CommandDefinition[] = [
  up,
  down,
  ps,
  logs,
  exec,
  plan,
  build,
  start,
  stop,
  restart,
  kill,
  rm,
  port,
  config,
  explain,
  lint,
  schema,
  version,
]
