import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Tool } from './subjects.ts'

const DOCKER_PROCESSES = /^(dockerd|containerd|containerd-shim|docker-proxy|docker-init)/

/** Resident memory in MB (sum of RSS) of all processes that a tool keeps beside the containers' own. */
export function residentMemory(tool: Tool, run: string): number {
  let kilobytes = 0
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (belongsTo(tool, pid, run)) kilobytes += rss(pid)
    } catch {
      // It ended while we looked.
    }
  }
  return kilobytes / 1024
}

function belongsTo(tool: Tool, pid: string, run: string): boolean {
  if (tool.name === 'docker') return DOCKER_PROCESSES.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
  if (readlinkSync(`/proc/${pid}/exe`).startsWith('/tscompose-native')) return true
  return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TSCOMPOSE_RUN=${run}\0`)
}

function rss(pid: string): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
