"""Writes operators.tsv, the operators of ONNX Runtime and where each takes half precision: run it with the onnxruntime that the agent has.

A line: domain, name, since which operator set, types of inputs, types of outputs, and for each type variable that may be FP32 what else it
may be: h and b for FLOAT16 and BFLOAT16 by the operator's definition, H and B where the CPU provider has a kernel. A * ends a parameter that
repeats.
"""
import sys

import onnxruntime.capi.onnxruntime_pybind11_state as ort

HALF = {"tensor(float16)": "h", "tensor(bfloat16)": "b"}


def parameter(formal, variables):
    text = formal.typeStr
    short = text if text in variables else "float" if text == "tensor(float)" else "-"
    return short + ("*" if "Variadic" in str(formal.option) else "")


def kernels(schema, variable, later):
    found = set()
    for kernel in ort.get_all_opkernel_def():
        first, last = kernel.version_range
        if (kernel.domain, kernel.op_name, kernel.provider) == (schema.domain, schema.name, "CPUExecutionProvider") \
                and first < later and last >= schema.since_version:
            found.update(HALF[t].upper() for t in kernel.type_constraints.get(variable, ()) if t in HALF)
    return found


def line(schema, later):
    variables = {c.type_param_str: c.allowed_type_strs for c in schema.type_constraints if "tensor(float)" in c.allowed_type_strs}
    halves = []
    for name, allowed in variables.items():
        marks = {HALF[t] for t in allowed if t in HALF} | kernels(schema, name, later)
        halves.append(name + "=" + "".join(sorted(marks, key="hbHB".index)))
    return "\t".join([schema.domain, schema.name, str(schema.since_version), ",".join(parameter(p, variables) for p in schema.inputs),
                      ",".join(parameter(p, variables) for p in schema.outputs), " ".join(halves)])


def main(target):
    by_name = {}
    for schema in ort.get_all_operator_schema():
        if not schema.deprecated and not schema.domain.startswith("com.ms") and schema.domain != "com.microsoft.nchwc":
            by_name.setdefault((schema.domain, schema.name), []).append(schema)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        for _, versions in sorted(by_name.items()):
            versions.sort(key=lambda s: s.since_version)
            for index, schema in enumerate(versions):
                later = versions[index + 1].since_version if index + 1 < len(versions) else 1 << 30
                file.write(line(schema, later) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
