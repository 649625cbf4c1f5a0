# SPDX-License-Identifier: Apache-2.0
"""What a suite of somebody else, which pytest ran, said of each of its items."""

from xml.etree import ElementTree


def outcomes(results):
    """(class, name, verdict) of each item in a file of --junit-xml."""
    for case in ElementTree.parse(results).iter('testcase'):
        verdict = next((child.tag for child in case if child.tag in
                        ('failure', 'error', 'skipped')), 'passed')
        yield case.get('classname'), case.get('name'), verdict
