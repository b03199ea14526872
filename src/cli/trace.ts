import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { failure, messageOf, type Span } from '../diagnostics/index.ts'
import { beginTrace } from '../project/trace.ts'
import type { CommandContext } from './command.ts'

/** One event of Chrome's trace event format. */
type TraceEvent = Readonly<Record<string, unknown>>

/**
 * Records the command for the file that TSCOMPOSE_TRACE names; what is returned writes it. It is of Chrome's trace event format, which
 * chrome://tracing and ui.perfetto.dev show. Errors: TRACE_UNWRITABLE.
 */
export async function openTrace(
  { cwd, env, pid }: Pick<CommandContext, 'cwd' | 'env' | 'pid'>,
  file: string,
): Promise<() => Promise<void>> {
  const trace = await beginTrace(env)
  return async () => {
    const { own, engine } = await trace.end()
    // A worker of the command host is a thread of the engine's process: in the trace it is who typed it.
    const traceEvents = [
      ...eventsOf('tscompose', pid, own),
      ...(engine === undefined ? [] : eventsOf('tscomposed', engine.Pid, engine.Spans)),
    ]
    try {
      writeFileSync(resolve(cwd, file), `${JSON.stringify({ traceEvents })}\n`)
    } catch (error) {
      throw failure({
        code: 'TRACE_UNWRITABLE',
        summary: `the trace cannot be written to "${file}": ${messageOf(error)}`,
        hint: 'name another file with TSCOMPOSE_TRACE',
      })
    }
  }
}

function eventsOf(process: string, pid: number, spans: readonly Span[]): TraceEvent[] {
  return [
    { ph: 'M', name: 'process_name', pid, args: { name: process } },
    ...[...spans]
      .sort((a, b) => a.begin - b.begin)
      .map(({ name, lane, begin, end }) => ({
        ph: 'X',
        name,
        pid,
        tid: lane,
        ts: begin,
        dur: end - begin,
      })),
  ]
}
