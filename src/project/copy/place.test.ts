import { describe, expect, test } from 'vitest'
import { placeCopy } from './place.ts'

const FILE = { path: 'dir/file', isFolder: false }
const FOLDER = { path: 'src/folder', isFolder: true }

describe('a file', () => {
  test.each([
    ['into a folder', '/to', 'folder', { folder: '/to', name: 'file' }],
    ['into a folder with a slash', '/to/', 'folder', { folder: '/to/', name: 'file' }],
    ['over a file', '/to/other', 'file', { folder: '/to', name: 'other' }],
    ['to a new name', '/to/new', 'nothing', { folder: '/to', name: 'new' }],
    ['to a new name beside', 'new', 'nothing', { folder: '.', name: 'new' }],
  ] as const)('%s', (_title, path, kind, place) => {
    expect(placeCopy(FILE, { path, kind })).toEqual(place)
  })

  test('not into a folder that is not there', () => {
    for (const path of ['/to/new/', '/to/new/.'])
      expect(() => placeCopy(FILE, { path, kind: 'nothing' })).toThrow(
        expect.objectContaining({ code: 'COPY_PLACE' }),
      )
  })
})

describe('a folder', () => {
  test.each([
    ['into a folder', 'src/folder', '/to', 'folder', { folder: '/to', name: 'folder' }],
    ['with a slash into a folder', 'src/folder/', '/to', 'folder', { folder: '/to', name: 'folder' }],
    ['its content into a folder', 'src/folder/.', '/to', 'folder', { folder: '/to', name: '' }],
    ['the working folder', '.', '/to', 'folder', { folder: '/to', name: '' }],
    ['the root', '/', 'to', 'folder', { folder: 'to', name: '' }],
    ['to a new name', 'src/folder', '/to/new', 'nothing', { folder: '/to', name: 'new' }],
    ['to a new name with a slash', 'src/folder', '/to/new/', 'nothing', { folder: '/to', name: 'new' }],
    ['its content to a new name', 'src/folder/.', '/to/new', 'nothing', { folder: '/to', name: 'new' }],
  ] as const)('%s', (_title, source, path, kind, place) => {
    expect(placeCopy({ ...FOLDER, path: source }, { path, kind })).toEqual(place)
  })

  test('not over a file', () => {
    expect(() => placeCopy(FOLDER, { path: '/to/file', kind: 'file' })).toThrow(
      expect.objectContaining({ code: 'COPY_PLACE' }),
    )
  })
})
