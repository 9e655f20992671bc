"""What is derived from the events: schemas, pages, the AsyncAPI document; and the checks that keep them honest.

An event is one class in lotse_shared.contracts and one example in shared/examples. Nothing else is written by hand.
"""
