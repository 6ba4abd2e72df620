import io

from pipeline.local.narration import Narration

KFP_OUTPUT = """\
20:07:31.346 - INFO - Executing task 'train-skipgram'
20:07:31.346 - INFO - Streamed logs:

            [KFP Executor 2026-11-23 20:07:31,484 INFO]: Got executor_input:
            {
                "inputs": {
                    "parameterValues": {
                        "seed": 0,
                        "corpus_uris": [
                            "data/text"
                        ],
                        "images_classes": [],
                    }
                }
            }
            train_skipgram: started
            train_skipgram: nearest to 'car': cars 0.87
2026/11/26 21:59:44 INFO mlflow.pyfunc: Validating input example against model signature
Successfully registered model 'devise'.
Registered model 'devise' already exists. Creating a new version of this model...
Created version '1' of model 'devise'.
20:07:40.273 - INFO - Task 'train-skipgram' outputs:
    word_vectors: Model( name='word_vectors',
                     uri='/tmp/word_vectors',
                     metadata={} )
    --------------------------------------------------------------------------------
"""


def test_only_what_the_stages_say_is_passed_on() -> None:
    target = io.StringIO()
    narration = Narration(target, 3)
    for start in range(0, len(KFP_OUTPUT), 7):
        narration.write(KFP_OUTPUT[start : start + 7])
    narration.flush()
    assert target.getvalue() == (
        "[1 of 3] train_skipgram: started\ntrain_skipgram: nearest to 'car': cars 0.87\n"
    )


def test_errors_are_passed_on() -> None:
    target = io.StringIO()
    Narration(target, 3).write("    Traceback (most recent call last):\n    ValueError: no text\n")
    assert target.getvalue() == "Traceback (most recent call last):\nValueError: no text\n"


def test_that_a_task_failed_is_left_to_whoever_says_why() -> None:
    target = io.StringIO()
    Narration(target, 3).write(
        "17:37:07.019 - ERROR - Task 'evaluate' finished with status FAILURE\n"
    )
    assert target.getvalue() == ""


def test_each_line_is_passed_on_as_it_may_be_seen() -> None:
    target = io.StringIO()
    narration = Narration(target, 3, lambda line: line.replace("hunter2", "***"))
    narration.write("at anna:hunter2@host\n")
    assert target.getvalue() == "at anna:***@host\n"


def test_each_stage_says_first_the_how_manyth_it_is() -> None:
    target = io.StringIO()
    Narration(target, 16).write(
        "prepare_images: started\n1,000 images\nprepare_images: finished in 3 s\n"
        "train_devise-devise_l2: finished before with the same inputs, taken as it is\n"
    )
    assert target.getvalue().splitlines() == [
        "[1 of 16] prepare_images: started",
        "1,000 images",
        "prepare_images: finished in 3 s",
        "[2 of 16] train_devise-devise_l2: finished before with the same inputs, taken as it is",
    ]
