// What every module with markup imports: templates, hooks and signals.
import { Fragment, h, render } from "preact";
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { batch, computed, effect, signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import htm from "htm";

/** Markup as a template string: html`<p>${words}</p>`. Values are text, never HTML. */
export const html = htm.bind(h);

export {
  batch,
  computed,
  effect,
  Fragment,
  render,
  signal,
  useCallback,
  useComputed,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useSignal,
  useSignalEffect,
  useState,
};
