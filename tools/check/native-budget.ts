import { existsSync, readFileSync } from 'node:fs'
import { type CFile, INCLUDES } from './includes.ts'

/**
 * How large the C program may be: all of it runs with the rights of root or faces strangers, and is read line by line.
 * Each folder says so for itself, in a file BUDGET: its first line is the number, the rest says what took how much of it.
 * What counts is code, in sources: neither blank lines, comments and includes, nor headers, which repeat what sources say.
 */
const SAID = /^(\d+) lines of code at most\.\n/

/** Lines of code of a folder's sources, without those of folders in it. */
export function linesOf(folder: string, files: readonly CFile[]): number {
  return files
    .filter(({ path }) => path.endsWith('.c') && path.slice(0, path.lastIndexOf('/')) === folder)
    .reduce(
      (sum, { code }) => sum + code.split('\n').filter(line => /^(?!#include)\s*\S/.test(line)).length,
      0,
    )
}

/** One line for each folder that has more code than its BUDGET allows, or none that can be read. */
export function checkNativeBudget(
  files: readonly CFile[],
  read: (path: string) => string = readIfThere,
  folders: readonly string[] = Object.keys(INCLUDES).filter(folder => folder !== 'native/test'),
): string[] {
  return folders.flatMap(folder => {
    const path = `${folder}/BUDGET`
    const most = SAID.exec(read(path))?.[1]
    if (most === undefined) return [`${path}: its first line is to be "N lines of code at most."`]
    const lines = linesOf(folder, files)
    return lines > Number(most) ? [`${path}: ${lines} lines of code, at most ${most}`] : []
  })
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
