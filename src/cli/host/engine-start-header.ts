import { KEPT, MALLOC, MEMORY } from '../../project/start-engine.ts'
import { GLOBAL_OPTIONS } from '../global-options.ts'

/**
 * Commands, some with one of their options, for which a launcher begins an engine where none runs, and has it run them: they need one
 * whatever is there, and none of them takes a process of its own.
 */
export const BEGUN_FOR: readonly string[] = [
  ...['up -d', 'up --detach', 'up --wait', 'down', 'create', 'scale', 'start', 'stop', 'restart', 'rm'],
  ...['run', 'build', 'pull'],
]

/** Options with which they need none. */
const NEEDS_NONE: readonly string[] = ['-h', '--help', '--print']

/** native/launcher/engine-start.h: the launcher begins an engine as a command does. `npx tsx tools/native-headers.ts` writes it. */
export function renderEngineStart(): string {
  const valued = Object.values(GLOBAL_OPTIONS).filter(({ kind }) => kind !== 'flag')
  const sets = Object.entries(MALLOC).map(([name, value]) => `${name}=${value}`)
  const options = valued.flatMap(({ flags }) => flags.match(/(?<![\w-])--?[a-z][\w-]*/gi) ?? [])
  return `/* Written by tools/native-headers.ts from src/cli/host/engine-start-header.ts: how an engine is begun, and for what. Each list ends in NULL. */
#ifndef TSCOMPOSE_LAUNCHER_ENGINE_START_H
#define TSCOMPOSE_LAUNCHER_ENGINE_START_H

#include <stddef.h>

/* Flags of Node's. */
${list('NODE_FLAGS', MEMORY)}
/* Variables that it is given. */
${list('SET_VARIABLES', sets)}
/* Variables of whoever begins it that it keeps. */
${list('KEPT_VARIABLES', KEPT)}
/* Options before a command that take a value. */
${list('VALUED_OPTIONS', options)}
/* Commands, some with an option that has to be there. */
${list('BEGUN_FOR', BEGUN_FOR)}
/* Options with which they need no engine. */
${list('NEEDS_NONE', NEEDS_NONE)}
#endif
`
}

function list(name: string, texts: readonly string[]): string {
  const lines = texts.map(text => `\t${JSON.stringify(text)},\n`)
  return `static const char *const ${name}[] = {\n${lines.join('')}\tNULL,\n};\n`
}
