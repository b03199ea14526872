import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { errnoOf } from '../../../diagnostics/index.ts'
import { readIfGivenSync } from '../../../linux/read-if-there.ts'
import { parseContext, renderContext, type SecurityContext } from './context.ts'
import type { DefaultLabels } from './labels.ts'

/** SELinux of a machine that labels containers. */
export interface SELinux {
  readonly defaults: DefaultLabels
  /** Whether the policy that is loaded now has such a context. */
  readonly knows: (context: string) => boolean
}

/** What became of looking for it: at most one of the two; neither where SELinux is off. */
export interface FoundSELinux {
  readonly selinux?: SELinux
  /** It is on, and containers get no labels all the same: why, one sentence. */
  readonly warning?: string
}

/** How the kernel and the policy's files are asked; a seam for tests. */
export interface SELinuxKernel {
  /** The text of a file; undefined where there is none, or it cannot be read. */
  readonly read: (path: string) => string | undefined
  /** What a file of the kernel answers to a question; undefined where it refuses it. */
  readonly ask: (path: string, question: string) => string | undefined
}

const FOLDER = '/sys/fs/selinux'
/** A bit of the kernel's answer: the domain is let do all, and what it would not be is logged alone. */
const PERMISSIVE = 1

/**
 * SELinux, where this kernel has it on, has a policy with types for containers, and lets this engine start processes of them: with a label
 * that it may not give no container would start. A policy may let it as its own user and role alone.
 */
export function openSELinux(kernel: SELinuxKernel = THIS_KERNEL): FoundSELinux {
  if (kernel.read(`${FOLDER}/enforce`) === undefined) return {}
  const own = parseContext(kernel.read('/proc/self/attr/current') ?? '')
  if (own === undefined) return { warning: without('no policy is loaded') }
  const defaults = defaultLabels(kernel)
  if (defaults === undefined)
    return { warning: without(`its policy names no types for containers in ${LABELS}`) }
  const knows = (context: string): boolean => kernel.ask(`${FOLDER}/context`, context) !== undefined
  const unknown = Object.values(defaults)
    .map(renderContext)
    .find(context => !knows(context))
  if (unknown !== undefined) return { warning: without(`its policy does not have ${unknown}`) }
  const { user, role } = own
  const process = [defaults.process, { ...defaults.process, user }, { ...defaults.process, user, role }].find(
    each => mayStart(kernel, own, each),
  )
  if (process !== undefined) {
    // Files are of the user who makes them, or most policies let him make none.
    const file = { ...defaults.file, user: process.user }
    return { selinux: { defaults: { process, file }, knows } }
  }
  const [engine, container] = [own, defaults.process].map(renderContext)
  return {
    warning: without(
      `its policy does not let ${engine}, as which the engine runs, start processes of ${container}`,
    ),
  }
}

function without(reason: string): string {
  return `SELinux is on, and containers get no labels: ${reason}`
}

const LABELS = 'contexts/lxc_contexts'

/** What the policy in /etc/selinux gives containers, without categories; without levels where the kernel has none. */
function defaultLabels(kernel: SELinuxKernel): DefaultLabels | undefined {
  const name =
    /^\s*SELINUXTYPE\s*=\s*(\S+)/m.exec(kernel.read('/etc/selinux/config') ?? '')?.[1] ?? 'targeted'
  const text = kernel.read(`/etc/selinux/${name}/${LABELS}`) ?? ''
  const levels = kernel.read(`${FOLDER}/mls`)?.trim() === '1'
  const of = (key: string): SecurityContext | undefined => {
    const found = parseContext(new RegExp(`^\\s*${key}\\s*=\\s*"([^"]*)"`, 'm').exec(text)?.[1] ?? '')
    if (found === undefined) return undefined
    const { level = 's0', ...rest } = found
    return levels ? { ...rest, level } : rest
  }
  const [process, file] = [of('process'), of('file')]
  return process === undefined || file === undefined ? undefined : { process, file }
}

/** Whether the engine may have a process enter a domain, and that use what it is given: without it nothing would start, or be heard of. */
function mayStart(kernel: SELinuxKernel, own: SecurityContext, process: SecurityContext): boolean {
  const [engine, container] = [renderContext(own), renderContext(process)]
  return (
    may(kernel, engine, container, 'process', 'transition') && may(kernel, container, engine, 'fd', 'use')
  )
}

/** Whether one context has a right over another, by the kernel's word; it has all where nothing is enforced. */
function may(kernel: SELinuxKernel, source: string, target: string, kind: string, right: string): boolean {
  if (kernel.read(`${FOLDER}/enforce`)?.trim() !== '1') return true
  const number = kernel.read(`${FOLDER}/class/${kind}/index`)?.trim() ?? ''
  const bit = Number(kernel.read(`${FOLDER}/class/${kind}/perms/${right}`) ?? '0')
  const answer = kernel.ask(`${FOLDER}/access`, `${source} ${target} ${number}`)?.split(' ') ?? []
  const [allowed = 0, , , , , flags = 0] = answer.map(text => Number.parseInt(text, 16))
  return (flags & PERMISSIVE) !== 0 || (bit > 0 && ((allowed >>> (bit - 1)) & 1) === 1)
}

const THIS_KERNEL: SELinuxKernel = {
  read: readIfGivenSync,
  ask: (path, question) => {
    let fd: number | undefined
    try {
      fd = openSync(path, 'r+')
      writeSync(fd, question)
      const answer = Buffer.alloc(4096)
      return answer.toString('utf8', 0, readSync(fd, answer))
    } catch (error) {
      if (errnoOf(error) !== undefined) return undefined
      throw error
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  },
}
